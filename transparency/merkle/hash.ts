/** The hashes of RFC 6962 section 2.1, over SHA-256. */
import { sha256 } from "#sha256";

export const TREE_HASH_BYTES = 32;

/** Hash of two neighbours. Node's own SHA-256 may stand in for the portable one where many are made. */
export type NodeHasher = (left: Uint8Array, right: Uint8Array) => Uint8Array;

/** SHA-256(0x00 || data): a leaf's place in the tree. */
export function leafHash(data: Uint8Array): Uint8Array<ArrayBuffer> {
	const input = new Uint8Array(1 + data.length);
	input.set(data, 1);
	return sha256(input);
}

// One for all: hashing is synchronous, and nothing keeps it.
const pair = new Uint8Array(1 + 2 * TREE_HASH_BYTES);
pair[0] = 0x01;

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
	pair.set(left, 1);
	pair.set(right, 1 + TREE_HASH_BYTES);
	return sha256(pair);
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array<ArrayBuffer> {
	return sha256(new Uint8Array());
}

/** Not in constant time: everything compared here is public. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
