/**
 * Roots and proofs of RFC 6962 section 2.1, made from a reader of stored hashes. Every tree is a row of complete
 * subtrees, of which the leftmost is the largest; their hashes never change again, so they are what is stored.
 */
import { emptyRoot, type NodeHasher, nodeHash } from "./hash.ts";

/** A tree of `size` leaves has this root. */
export interface TreeHead {
	readonly size: number;
	readonly root: Uint8Array;
}

/** Hash of the complete subtree with 2^level leaves that begins at leaf index × 2^level; level 0 has the leaf hashes. */
export type HashReader = (level: number, index: number) => Uint8Array;

/** Root of the first `size` leaves. */
export function treeRoot(size: number, read: HashReader, hash: NodeHasher = nodeHash): Uint8Array {
	return size === 0 ? emptyRoot() : rangeHash(0, size, read, hash);
}

/**
 * PATH(index, D[size]), from the leaf's sibling to the root's child. Throws RangeError where there is no such leaf.
 *
 * @param edge hashes that other proofs of the same size made at the right edge of the tree, by their first leaf
 */
export function inclusionProof(
	index: number,
	size: number,
	read: HashReader,
	hash: NodeHasher = nodeHash,
	edge: Map<number, Uint8Array> = new Map(),
): Uint8Array[] {
	if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) throw new RangeError("no such leaf in this tree");
	const proof: Uint8Array[] = [];
	let start = 0;
	let count = size;
	while (count > 1) {
		const left = splitOf(count);
		if (index - start < left) {
			const right = start + left;
			// Only what ends where the tree ends may be no stored hash, and it is the same for many proofs.
			const atEdge = start + count === size;
			const sibling = (atEdge ? edge.get(right) : undefined) ?? rangeHash(right, count - left, read, hash);
			if (atEdge) edge.set(right, sibling);
			proof.push(sibling);
			count = left;
		} else {
			proof.push(rangeHash(start, left, read, hash));
			start += left;
			count -= left;
		}
	}
	return proof.reverse();
}

/** PROOF(older, D[newer]); empty where there is nothing to prove. Throws RangeError where `older` is larger. */
export function consistencyProof(
	older: number,
	newer: number,
	read: HashReader,
	hash: NodeHasher = nodeHash,
): Uint8Array[] {
	if (!(older >= 0 && older <= newer)) throw new RangeError("the older tree is the larger one");
	if (older === 0) return [];
	const proof: Uint8Array[] = [];
	let start = 0;
	let count = newer;
	while (older - start !== count) {
		const left = splitOf(count);
		if (older - start <= left) {
			proof.push(rangeHash(start + left, count - left, read, hash));
			count = left;
		} else {
			proof.push(rangeHash(start, left, read, hash));
			start += left;
			count -= left;
		}
	}
	// A subtree that is the older tree itself is known to the verifier.
	if (start !== 0) proof.push(rangeHash(start, count, read, hash));
	return proof.reverse();
}

/** MTH(D[start : start + count]), where `start` is a multiple of the power of two that `count` fits in. */
function rangeHash(start: number, count: number, read: HashReader, hash: NodeHasher): Uint8Array {
	const level = floorLog2(count);
	const width = 2 ** level;
	const left = read(level, start / width);
	return count === width ? left : hash(left, rangeHash(start + width, count - width, read, hash));
}

/** The largest power of two below `count`, where RFC 6962 splits a tree of at least two leaves. */
function splitOf(count: number): number {
	return 2 ** floorLog2(count - 1);
}

/** Exact up to 2^53, where Math.log2 is not. */
function floorLog2(value: number): number {
	const high = Math.floor(value / 2 ** 32);
	return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value);
}
