/** Who has an account here, as the rest of the company needs to know them. */

declare const brand: unique symbol;
/** 16 random bytes, lower-case hex. */
export type PersonId = string & { readonly [brand]: "PersonId" };

/** The person a request comes from. */
export interface Viewer {
	readonly person: PersonId;
	readonly name: string;
	readonly email: string;
	readonly birthYear: number;
	/** Gets no profiled ads (B11). */
	readonly minor: boolean;
}

const ADULT_YEARS = 18;

/** Only the year is known, so whoever may still be 17 counts as a minor. */
export function isMinor(birthYear: number, nowMs: number): boolean {
	return new Date(nowMs).getUTCFullYear() - birthYear <= ADULT_YEARS;
}
