/**
 * The shape of a policy file, before its rules are looked at: what the linter complains about has to be readable first.
 * Unknown members are refused, because a policy must not say more than its readers understand.
 */
import * as v from "valibot";
import { PolicyError } from "./policy-error.ts";

const Text = v.pipe(v.string(), v.nonEmpty());
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const Purpose = v.strictObject({
	id: Text,
	basis: v.string(),
	fields: v.array(v.string()),
	recipients: v.array(v.string()),
	retentionDays: Count,
	initial: v.picklist(["off", "on"]),
	embargoDays: v.exactOptional(Count),
	objection: v.boolean(),
});

const Rule = v.strictObject({
	regions: v.pipe(v.array(Text), v.nonEmpty()),
	minorBelow: Count,
	optOut: v.boolean(),
	usageMetrics: v.picklist(["pseudonym", "aggregates"]),
});

const Locale = v.strictObject({
	summary: v.pipe(v.array(Text), v.nonEmpty()),
	documents: v.pipe(v.array(v.strictObject({ id: Text, title: Text, body: Text })), v.nonEmpty()),
	purposes: v.exactOptional(v.record(Text, v.strictObject({ title: v.string(), body: v.string() }))),
});

const Draft = v.pipe(
	v.strictObject({
		version: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(2 ** 32 - 1)),
		model: v.exactOptional(v.picklist(["opt_in", "opt_out"])),
		regions: v.exactOptional(v.array(v.string())),
		acknowledgement: v.exactOptional(v.string()),
		rules: v.exactOptional(v.array(Rule)),
		referenceLocale: Text,
		recipients: v.array(v.strictObject({ id: Text, name: v.string(), role: v.string(), contact: v.string() })),
		purposes: v.array(Purpose),
		locales: v.record(Text, Locale),
	}),
	v.check((file) => Object.hasOwn(file.locales, file.referenceLocale), "the reference locale has no text"),
);

/** A policy file as somebody wrote it: the right shape, its rules not yet checked. */
export type PolicyDraft = v.InferOutput<typeof Draft>;
export type PurposeDraft = PolicyDraft["purposes"][number];

/** Throws PolicyError `NOT_JSON` or `NOT_A_POLICY`. */
export function readDraft(text: string): PolicyDraft {
	const parsed = v.safeParse(Draft, parseJson(text));
	if (!parsed.success) {
		const where = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "file"}: ${issue.message}`);
		throw new PolicyError("NOT_A_POLICY", where.join("; "));
	}
	return parsed.output;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new PolicyError("NOT_JSON", "the policy file is not JSON", [], error);
	}
}
