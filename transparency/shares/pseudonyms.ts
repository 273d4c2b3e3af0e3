/**
 * Who somebody is at a recipient where no number may say it (C1): a name that changes each quarter, for which a device
 * needs nothing but the share key, and a name that follows from the number, for who knows the number already.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { SUBJECT_BYTES } from "./share-record.ts";

const DAY_MS = 24 * 3600 * 1000;

/** The quarter of a day, UTC days since 1970: "2026-Q4". */
export function quarterOf(day: number): string {
	const date = new Date(day * DAY_MS);
	return `${date.getUTCFullYear()}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
}

/**
 * Who the account is at this recipient, for this purpose and in this quarter: 16 bytes, unrelated to those of other
 * quarters and to `subjectAt`.
 *
 * @param shareKey the account's, 32 bytes
 * @param quarter as `quarterOf` writes it
 */
export function quarterlySubjectAt(
	shareKey: Uint8Array,
	recipient: string,
	purpose: string,
	quarter: string,
): Uint8Array {
	// No id contains a NUL, so that no two of these read alike.
	const text = `subject\0${recipient}\0${purpose}\0${quarter}`;
	return hmac(sha256, shareKey, new TextEncoder().encode(text)).slice(0, SUBJECT_BYTES);
}

/**
 * The name of a number between one bridge and one recipient: first 16 bytes of HMAC-SHA256(key, "number" || E.164). The
 * recipient can compute it for numbers that its own people verified; nobody without the key can go through all numbers.
 *
 * @param pairKey 32 bytes that only these two have; throws RangeError for another length
 * @param phone E.164 with its plus
 */
export function numberPseudonym(pairKey: Uint8Array, phone: string): Uint8Array {
	if (pairKey.length !== PAIR_KEY_BYTES) throw new RangeError("a pair key has 32 bytes");
	return hmac(sha256, pairKey, new TextEncoder().encode(`number${phone}`)).slice(0, SUBJECT_BYTES);
}

const PAIR_KEY_BYTES = 32;
