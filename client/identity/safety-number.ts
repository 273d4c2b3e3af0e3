/**
 * Safety numbers: 60 digits that two people compare to know that no one stands between them.
 *
 * For each account, after Signal's numeric fingerprint:
 *
 *     h(0) = SHA-512(0x00 0x01 || identity key || account id || identity key)
 *     h(n) = SHA-512(h(n-1) || identity key),   n = 1 … 5199
 *
 * The first 30 bytes of h(5199) are six numbers of 5 bytes (big endian), each modulo 100 000 and written with five
 * digits. The two strings of 30 digits are put in ascending order, so both sides see the same sixty.
 */
import { sha512 } from "@noble/hashes/sha2.js";
import { type AccountId, fromHex, idBytes } from "@troth/protocol";

const VERSION = new Uint8Array([0, 1]);
const ITERATIONS = 5200;
const GROUPS = 6;
const GROUP_BYTES = 5;
/** Of h(5199), as it stands in digits and codes. */
export const FINGERPRINT_BYTES = GROUPS * GROUP_BYTES;

/** One side of a safety number. */
export interface FingerprintedAccount {
	readonly account: AccountId;
	/** The account identity key, hex. */
	readonly identityKey: string;
}

/** 12 groups of 5 digits, the same whichever of the two accounts is named first. */
export function safetyNumber(a: FingerprintedAccount, b: FingerprintedAccount): readonly string[] {
	return [fingerprint(a), fingerprint(b)].sort((one, other) => (one.join("") < other.join("") ? -1 : 1)).flat();
}

function fingerprint(account: FingerprintedAccount): readonly string[] {
	return digitGroups(fingerprintBytes(account), GROUPS);
}

/** So many are not computed again: it takes thousands of hashes, and a page asks for the same ones several times. */
const KEPT = 64;
const kept = new Map<string, Uint8Array>();

/** The bytes that one side's thirty digits are made of. */
export function fingerprintBytes(of: FingerprintedAccount): Uint8Array {
	const name = `${of.account} ${of.identityKey}`;
	const bytes = kept.get(name) ?? compute(of);
	if (kept.size >= KEPT) kept.clear();
	kept.set(name, bytes);
	return bytes.slice();
}

function compute({ account, identityKey }: FingerprintedAccount): Uint8Array {
	const key = fromHex(identityKey) ?? new Uint8Array();
	let hash = sha512.create().update(VERSION).update(key).update(idBytes(account)).update(key).digest();
	for (let n = 1; n < ITERATIONS; n++) hash = sha512.create().update(hash).update(key).digest();
	return hash.slice(0, FINGERPRINT_BYTES);
}

/** Groups of five digits from the first 5 × `count` bytes. */
export function digitGroups(bytes: Uint8Array, count: number): readonly string[] {
	return Array.from({ length: count }, (_, group) => {
		let value = 0;
		for (const byte of bytes.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES)) value = value * 256 + byte;
		return (value % 100_000).toString().padStart(5, "0");
	});
}
