/** Comparison of a safety number with one that came another way. Pure. */

export type Comparison =
	| { readonly kind: "incomplete"; readonly digits: number }
	| { readonly kind: "same" }
	| { readonly kind: "differs"; readonly groups: number };

/** `pasted` may hold anything between the digits. A group that is wrong so far is told at once. */
export function compareDigits(groups: readonly string[], pasted: string): Comparison {
	const digits = pasted.replaceAll(/\D/g, "");
	const own = groups.join("");
	const length = groups[0]?.length ?? 1;
	let differing = 0;
	for (let at = 0; at + length <= digits.length; at += length)
		if (digits.slice(at, at + length) !== own.slice(at, at + length)) differing += 1;
	if (differing > 0) return { kind: "differs", groups: differing };
	return digits.length === own.length ? { kind: "same" } : { kind: "incomplete", digits: digits.length };
}
