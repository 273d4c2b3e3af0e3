/** The hashes of `merkle/hash.ts` over Node's own SHA-256, several times as fast as the portable one. */
import { hash } from "node:crypto";
import { TREE_HASH_BYTES } from "../merkle/hash.ts";
import { LONGEST_ENTRY_BYTES } from "../tiles/entry-bundle.ts";

// One buffer of each kind for all: hashing is synchronous, and nothing keeps them.
const pair = new Uint8Array(1 + 2 * TREE_HASH_BYTES);
pair[0] = 0x01;
const leaf = new Uint8Array(1 + LONGEST_ENTRY_BYTES);

/** SHA-256(0x01 || left || right). */
export function nativeNodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
	pair.set(left, 1);
	pair.set(right, 1 + TREE_HASH_BYTES);
	return sha256(pair);
}

/** SHA-256(0x00 || data), of at most 65535 bytes. */
export function nativeLeafHash(data: Uint8Array): Uint8Array {
	leaf.set(data, 1);
	return sha256(leaf.subarray(0, 1 + data.length));
}

/** By way of a string of bytes: to have Node make a buffer of its own for each hash takes three times as long. */
function sha256(input: Uint8Array): Uint8Array {
	return Buffer.from(hash("sha256", input, "binary"), "latin1");
}
