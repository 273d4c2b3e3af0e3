/** Checks bodies with schemas and says what is wrong in Cloud API codes; never repeats a value. */
import * as v from "valibot";
import { CloudError, type CloudErrorCode } from "./errors.ts";

export interface Codes {
	readonly missing: CloudErrorCode;
	readonly invalid: CloudErrorCode;
}

/** Of the envelope that every message has in common. */
export const ENVELOPE: Codes = { missing: 100, invalid: 100 };
/** Of what stands inside it. */
export const INSIDE: Codes = { missing: 131008, invalid: 131009 };

/** The value as the schema reads it. Throws CloudError with the code for a missing or a wrong parameter. */
export function readBody<Schema extends v.GenericSchema>(
	schema: Schema,
	value: unknown,
	{ missing, invalid }: Codes,
	at = "",
): v.InferOutput<Schema> {
	const parsed = v.safeParse(schema, value);
	if (parsed.success) return parsed.output;
	const [issue] = parsed.issues;
	const path = [at, v.getDotPath(issue)].filter((part) => part !== "" && part !== null).join(".");
	if (issue.received === "undefined") throw new CloudError(missing, `the parameter ${path} is required`);
	const expected = issue.kind === "schema" ? `expected ${issue.expected}` : (issue.requirement ?? "not a valid value");
	throw new CloudError(invalid, `the parameter ${path || "body"}: ${expected}`);
}
