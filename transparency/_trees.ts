/** Trees as RFC 6962 section 2.1 writes them down, recursively and over Node's hashes: what the real code is held against. */
import { createHash } from "node:crypto";
import type { HashReader } from "./merkle/tree.ts";

export const sha256 = (...parts: Uint8Array[]) => {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part);
	return new Uint8Array(hash.digest());
};

export const leafHashOf = (data: Uint8Array) => sha256(Uint8Array.of(0), data);

/** MTH(D[n]). */
export function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
	if (leaves.length === 0) return sha256();
	const [only] = leaves;
	if (leaves.length === 1 && only !== undefined) return leafHashOf(only);
	let split = 1;
	while (split * 2 < leaves.length) split *= 2;
	return sha256(Uint8Array.of(1), naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

/** Leaves that are told apart by their number. */
export const someLeaves = (count: number, salt = "leaf") =>
	Array.from({ length: count }, (_, index) => new Uint8Array(Buffer.from(`${salt} ${index}`)));

/** Reads complete subtrees of these leaves, each hash made once. */
export function readerOf(leaves: readonly Uint8Array[]): HashReader {
	const known = new Map<string, Uint8Array>();
	const read = (level: number, index: number): Uint8Array => {
		const key = `${level}/${index}`;
		const leaf = leaves[index];
		const hash =
			known.get(key) ??
			(level > 0
				? sha256(Uint8Array.of(1), read(level - 1, 2 * index), read(level - 1, 2 * index + 1))
				: leaf && leafHashOf(leaf));
		if (hash === undefined) throw new RangeError(`the tree has no leaf ${index}`);
		known.set(key, hash);
		return hash;
	};
	return read;
}

/** The bytes with one bit changed. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
	const copy = Uint8Array.from(bytes);
	const at = (bit >> 3) % copy.length;
	copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
	return copy;
}
