/**
 * One set of parameters out of the encodings that clients use: query string, JSON, form, multipart fields. Where an
 * object is expected, text is read as JSON, because forms and query strings carry objects that way.
 */
import * as v from "valibot";
import { GraphError } from "./graph-error.ts";

export type Parameters = ReadonlyMap<string, unknown>;

/** More names than any client sends; a request is not to make us build a large map. */
const MOST_PARAMETERS = 200;

/** Body over query: where both name a parameter, the later source wins. Throws GraphError where there are too many. */
export function mergeParameters(...sources: readonly Parameters[]): Parameters {
	const merged = new Map(sources.flatMap((source) => [...source]));
	if (merged.size > MOST_PARAMETERS) throw new GraphError("tooManyParameters", "too many parameters");
	return merged;
}

/** A query string or a form body, without the question mark. Never throws: bad escapes become U+FFFD. */
export function readForm(text: string): Parameters {
	return new Map(new URLSearchParams(text));
}

/** A JSON body: an object, or nothing. Throws GraphError. */
export function readJsonBody(text: string): Parameters {
	if (text.trim() === "") return new Map();
	const value = parseJson(text);
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		throw new GraphError("invalidParameter", "the body has to be a JSON object");
	}
	return new Map(Object.entries(value));
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Ids and session ids are 64 bits wide: a whole number that a double can not hold stays the text it was. */
const keepWideIntegers: Reviver = (_key, value, { source }) =>
	typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
		? source
		: value;

/** Throws GraphError; the text is not quoted. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text, keepWideIntegers as (this: unknown, key: string, value: unknown) => unknown);
	} catch {
		throw new GraphError("invalidParameter", "the text is not JSON");
	}
}

/** Reads JSON text, lets everything else be. */
function fromJsonText(value: unknown): unknown {
	if (typeof value !== "string") return value;
	try {
		return parseJson(value);
	} catch {
		return value;
	}
}

/** An object or list that may come as JSON text. */
export function jsonOr<const Schema extends v.GenericSchema>(schema: Schema) {
	return v.pipe(v.unknown(), v.transform(fromJsonText), schema);
}

/** A whole number, or its decimal text. */
export const WholeNumber = v.pipe(
	v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d{1,15}$/), v.transform(Number))]),
	v.safeInteger(),
);

/** An id: decimal text, or a number as careless clients send it. */
export const GraphId = v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.regex(/^\d{1,20}$/));

export const Flag = v.pipe(
	v.union([v.boolean(), v.picklist(["true", "false", "1", "0"]), v.picklist([0, 1])]),
	v.transform((value) => value === true || value === "true" || value === "1" || value === 1),
);

/** Text that people will read: one line, at most 400 characters. */
export const Name = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(400));

/**
 * Checks the parameters of an endpoint. Names that it does not know are left aside: clients send strays (`id`,
 * `fields`, `name` of a batch). Throws GraphError with the name of the first parameter that is wrong.
 */
export function readParameters<const Schema extends v.GenericSchema>(
	schema: Schema,
	parameters: Parameters,
): v.InferOutput<Schema> {
	const read = v.safeParse(schema, Object.fromEntries(parameters));
	if (read.success) return read.output;
	const [issue] = read.issues;
	const name = v.getDotPath(issue as v.BaseIssue<unknown>) ?? "parameters";
	const missing = issue?.input === undefined;
	throw new GraphError("invalidParameter", missing ? `${name} is required` : `${name} is not of its form`);
}
