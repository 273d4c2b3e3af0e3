/** Fields of forms and of JSON, which spell the same things differently. Messages are sentences for people. */
import * as v from "valibot";

/** A line of text, trimmed, without control characters. */
export function line(what: string, longest: number) {
	return v.pipe(
		v.string(`${what} is missing.`),
		v.trim(),
		v.nonEmpty(`${what} is missing.`),
		v.maxLength(longest, `${what} is too long.`),
		v.regex(/^[^\p{Cc}\p{Cs}]*$/u, `${what} has characters that can not be shown.`),
	);
}

/** A whole number, from JSON or typed. */
export function wholeNumber(what: string, least: number, most: number) {
	return v.pipe(
		v.union(
			[v.number(), v.pipe(v.string(), v.regex(/^\s*\d{1,9}\s*$/), v.transform(Number))],
			`${what} is not a number.`,
		),
		v.integer(`${what} is not a number.`),
		v.minValue(least, `${what} is too small.`),
		v.maxValue(most, `${what} is too large.`),
	);
}

/** A box: `true` or "on" is ticked, absent is not. */
export const box = v.optional(
	v.pipe(
		v.union([v.boolean(), v.picklist(["on", "true", "false"])], "A box is neither ticked nor unticked."),
		v.transform((value) => value === true || value === "on" || value === "true"),
	),
	false,
);

export const personId = v.pipe(v.string("Who?"), v.regex(/^[0-9a-f]{32}$/, "There is no such person."));

export const email = v.pipe(
	v.string("The e-mail address is missing."),
	v.trim(),
	v.toLowerCase(),
	v.maxLength(200, "The e-mail address is too long."),
	v.regex(/^[^\s@<>"]+@[^\s@<>"]+$/, "This is not an e-mail address."),
);
