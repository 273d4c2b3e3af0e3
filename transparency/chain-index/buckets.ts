/**
 * The index of a share log's chain values (ADR 0010): all of them, those of padding included, sorted into buckets by
 * their first bits. A bucket shows that a value is there, and that one is not.
 */
import { leafHash, TREE_HASH_BYTES } from "../merkle/hash.ts";
import { inclusionProof, treeRoot } from "../merkle/tree.ts";
import { LEAF_BYTES } from "../shares/share-record.ts";

/** A bucket has twice as many values on average, and, as chain values are uniform, hardly ever fewer than half. */
const SMALLEST_MEAN = 128;
const MOST_BITS = 32;
/** Where the chain value lies in a leaf. */
const CHAIN_FROM = 33;
const CHAIN_TO = 65;

/** By how many bits the values of a log of this size are told apart: buckets hold 128 to 255 values on average. */
export function bucketBits(size: number): number {
	let bits = 0;
	while (bits < MOST_BITS && size >= SMALLEST_MEAN * 2 ** (bits + 1)) bits++;
	return bits;
}

/** The bucket of a value: its first `bits` bits as a number. */
export function bucketOf(value: Uint8Array, bits: number): number {
	return bits === 0 ? 0 : new DataView(value.buffer, value.byteOffset).getUint32(0) >>> (32 - bits);
}

/** The smallest value that a bucket may have; with the number behind the last bucket, nothing is as large. */
export function bucketStart(bucket: number, bits: number): Uint8Array {
	const start = new Uint8Array(TREE_HASH_BYTES);
	if (bucket >= 2 ** bits) return start.fill(0xff);
	new DataView(start.buffer).setUint32(0, bits === 0 ? 0 : (bucket << (32 - bits)) >>> 0);
	return start;
}

/** The chain value of a leaf of the share log; undefined where the bytes are no such leaf. */
export function chainValueOf(leaf: Uint8Array): Uint8Array | undefined {
	return leaf.length === LEAF_BYTES ? leaf.slice(CHAIN_FROM, CHAIN_TO) : undefined;
}

/** What the tree over the buckets has as this one's leaf: the RFC 6962 leaf hash of its sorted values, joined. */
export function bucketHash(
	values: readonly Uint8Array[],
	hash: (data: Uint8Array) => Uint8Array = leafHash,
): Uint8Array {
	const bytes = new Uint8Array(values.length * TREE_HASH_BYTES);
	for (const [at, value] of values.entries()) bytes.set(value, at * TREE_HASH_BYTES);
	return hash(bytes);
}

/** In the order in which a bucket has them. */
export function compareValues(a: Uint8Array, b: Uint8Array): number {
	for (let at = 0; at < a.length; at++) {
		const difference = (a[at] ?? 0) - (b[at] ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}

/** The tree over 2^bits buckets, with every hash of it: 64 bytes for each bucket. */
export class BucketTree {
	readonly bits: number;
	readonly #hash: (left: Uint8Array, right: Uint8Array) => Uint8Array;
	/** By level, the buckets' own hashes first. */
	readonly #levels: readonly Uint8Array[];

	/** @param from another tree of as many buckets, which is copied */
	constructor(bits: number, hash: (left: Uint8Array, right: Uint8Array) => Uint8Array, from?: BucketTree) {
		this.bits = bits;
		this.#hash = hash;
		this.#levels = Array.from({ length: bits + 1 }, (_, level) => {
			return from?.bits === bits ? from.#level(level).slice() : new Uint8Array(2 ** (bits - level) * TREE_HASH_BYTES);
		});
	}

	/** Puts buckets' hashes in place and makes anew what stands above them. */
	update(hashes: ReadonlyMap<number, Uint8Array>): void {
		let changed = new Set(hashes.keys());
		for (const [bucket, hash] of hashes) this.#level(0).set(hash, bucket * TREE_HASH_BYTES);
		for (let level = 1; level <= this.bits; level++) {
			const above = new Set<number>();
			for (const index of changed) above.add(index >>> 1);
			for (const index of above) {
				const hash = this.#hash(this.read(level - 1, 2 * index), this.read(level - 1, 2 * index + 1));
				this.#level(level).set(hash, index * TREE_HASH_BYTES);
			}
			changed = above;
		}
	}

	readonly read = (level: number, index: number): Uint8Array => {
		return this.#level(level).subarray(index * TREE_HASH_BYTES, (index + 1) * TREE_HASH_BYTES);
	};

	get root(): Uint8Array {
		return treeRoot(2 ** this.bits, this.read).slice();
	}

	/** That a bucket is in the tree, as RFC 6962 proves it. Throws RangeError where there is no such bucket. */
	prove(bucket: number): Uint8Array[] {
		return inclusionProof(bucket, 2 ** this.bits, this.read);
	}

	#level(level: number): Uint8Array {
		const hashes = this.#levels[level];
		if (hashes === undefined) throw new RangeError("the tree has no such level");
		return hashes;
	}
}

/** The root over all buckets of these values, in any order: what an auditor makes anew. */
export function chainIndexRoot(
	values: readonly Uint8Array[],
	bits: number,
	hashers: {
		readonly leaf: (data: Uint8Array) => Uint8Array;
		readonly node: (l: Uint8Array, r: Uint8Array) => Uint8Array;
	},
): Uint8Array {
	const buckets: Uint8Array[][] = Array.from({ length: 2 ** bits }, () => []);
	for (const value of values) buckets[bucketOf(value, bits)]?.push(value);
	const tree = new BucketTree(bits, hashers.node);
	tree.update(new Map(buckets.map((bucket, at) => [at, bucketHash(bucket.sort(compareValues), hashers.leaf)])));
	return tree.root;
}
