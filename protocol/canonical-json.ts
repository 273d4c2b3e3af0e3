/**
 * JSON in exactly one spelling (RFC 8785, without fractions): what is hashed has to have the same bytes everywhere.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Keys sorted by UTF-16 code units, no white space. Throws TypeError for what has no canonical form. */
export function canonicalJson(value: Json): string {
	if (value === null || typeof value === "boolean") return String(value);
	if (typeof value === "number") {
		if (!Number.isSafeInteger(value)) throw new TypeError("only whole numbers have a canonical form");
		// JSON knows no negative zero.
		return String(value === 0 ? 0 : value);
	}
	if (typeof value === "string") {
		if (!value.isWellFormed()) throw new TypeError("half a surrogate pair has no canonical form");
		return JSON.stringify(value);
	}
	if (isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
	const members = Object.keys(value)
		.sort()
		.flatMap((key) => {
			const member = value[key];
			return member === undefined ? [] : [`${canonicalJson(key)}:${canonicalJson(member)}`];
		});
	return `{${members.join(",")}}`;
}

function isArray(value: Json): value is readonly Json[] {
	return Array.isArray(value);
}
