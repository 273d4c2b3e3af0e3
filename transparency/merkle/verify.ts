/** What a verifier does with proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2). Answers, never throws. */
import { emptyRoot, nodeHash, sameHash, TREE_HASH_BYTES } from "./hash.ts";
import type { TreeHead } from "./tree.ts";

/** Is the leaf with this hash at this index of the tree? */
export function verifyInclusion(
	leaf: Uint8Array,
	index: number,
	proof: readonly Uint8Array[],
	{ size, root }: TreeHead,
): boolean {
	if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leaf, root, ...proof])) return false;
	let place = index;
	let last = size - 1;
	let hash = leaf;
	for (const sibling of proof) {
		if (last === 0) return false;
		if (isOdd(place) || place === last) {
			hash = nodeHash(sibling, hash);
			// Levels on which the last node has no sibling leave no hash in the proof.
			while (!isOdd(place) && place !== 0) {
				place = halved(place);
				last = halved(last);
			}
		} else {
			hash = nodeHash(hash, sibling);
		}
		place = halved(place);
		last = halved(last);
	}
	return last === 0 && sameHash(hash, root);
}

/** Does the newer tree begin with the whole older one? */
export function verifyConsistency(older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): boolean {
	if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size) return false;
	if (!areHashes([older.root, newer.root, ...proof])) return false;
	if (older.size === 0 && !sameHash(older.root, emptyRoot())) return false;
	if (older.size === newer.size) return proof.length === 0 && sameHash(older.root, newer.root);
	if (older.size === 0) return proof.length === 0;

	let place = older.size - 1;
	let last = newer.size - 1;
	while (isOdd(place)) {
		place = halved(place);
		last = halved(last);
	}
	// A whole power of two is a subtree of the newer tree, and its hash is known.
	const path = place === 0 ? [older.root, ...proof] : proof;
	const [first, ...rest] = path;
	if (first === undefined) return false;
	let olderHash = first;
	let newerHash = first;
	for (const hash of rest) {
		if (last === 0) return false;
		if (isOdd(place) || place === last) {
			olderHash = nodeHash(hash, olderHash);
			newerHash = nodeHash(hash, newerHash);
			while (!isOdd(place) && place !== 0) {
				place = halved(place);
				last = halved(last);
			}
		} else {
			newerHash = nodeHash(newerHash, hash);
		}
		place = halved(place);
		last = halved(last);
	}
	return last === 0 && sameHash(olderHash, older.root) && sameHash(newerHash, newer.root);
}

/** Sizes go up to 2^53: no bitwise operators. */
const isOdd = (value: number) => value % 2 === 1;
const halved = (value: number) => Math.floor(value / 2);
const isSize = (value: number) => Number.isSafeInteger(value) && value >= 0;
const areHashes = (hashes: readonly Uint8Array[]) => hashes.every((hash) => hash.length === TREE_HASH_BYTES);
