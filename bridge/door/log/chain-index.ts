/**
 * The published index of chain values (hazard 30, ADR 0010): from it a person sees that the next link of their chain
 * does not exist. Values and entries lie in the door's store; in memory are the hashes of the buckets, half a byte for
 * each leaf of the log. It is brought up to date each minute while the share log grows, at least once a day, and when somebody
 * asks, at most each five seconds.
 */
import { createHash } from "node:crypto";
import type { Clock } from "@troth/protocol";
import {
	BucketTree,
	bucketBits,
	bucketHash,
	bucketOf,
	bucketStart,
	chainValueOf,
	compareValues,
	formatBucket,
	formatIndexEntry,
	formatIndexHead,
	parseIndexEntry,
} from "@troth/transparency";
import { nativeNodeHash } from "@troth/transparency/log/node-hash.node.ts";
import type { Kysely } from "kysely";
import { DoorStateError } from "../door-state-error.ts";
import type { DoorRecords } from "../store/schema.ts";
import { readLeaves } from "./share-log.ts";
import type { StoredLog } from "./stored-log.ts";

/** What the index adds to the door's store. */
type ChainIndexTables = {
	/** A chain value, 32 bytes, and its place in the share log. */
	chain_value: { value: Uint8Array; leaf_index: number };
	/** Entries of the log of the index as they must be. */
	chain_index: { entry_index: number; size: number; entry: string };
};

type IndexStore = Kysely<DoorRecords & ChainIndexTables>;

const EVERY_MS = 60_000;
/** When somebody asks for it. */
const AT_MOST_EVERY_MS = 5_000;
/** Also where the share log stands still: an older entry would be one that somebody is kept at. */
const AT_LEAST_EVERY_MS = 24 * 3600 * 1000;
const LEAVES_PER_READ = 4096;
/** Read and hashed in one go, about 8 000 values. */
const BUCKETS_PER_READ = 32;

/** A state of the index that is given out. */
interface Served {
	readonly size: number;
	readonly atMs: number;
	readonly tree: BucketTree;
	readonly head: string;
	/** Enough witnesses have seen its entry. */
	readonly witnessed: boolean;
}

interface LastEntry {
	readonly entryIndex: number;
	readonly size: number;
	readonly atMs: number;
}

/** Entries of the log of the index, from this one on. */
export async function readIndexEntries(
	store: Kysely<DoorRecords>,
	from: number,
	limit: number,
): Promise<readonly Uint8Array[]> {
	const rows = await store
		.withTables<ChainIndexTables>()
		.selectFrom("chain_index")
		.select("entry")
		.where("entry_index", ">=", from)
		.orderBy("entry_index")
		.limit(limit)
		.execute();
	return rows.map(({ entry }) => new TextEncoder().encode(entry));
}

export class ChainIndex {
	readonly #store: IndexStore;
	readonly #clock: Clock;
	readonly #shareLog: StoredLog;
	/** The log of the index. */
	readonly log: StoredLog;
	#served: Served | undefined;
	#builtAtMs = Number.NEGATIVE_INFINITY;

	constructor(store: Kysely<DoorRecords>, clock: Clock, shareLog: StoredLog, log: StoredLog) {
		this.#store = store.withTables<ChainIndexTables>();
		this.#clock = clock;
		this.#shareLog = shareLog;
		this.log = log;
	}

	/** Is it time to bring it up to date? @param asked somebody wants to read it */
	isDue(asked: boolean): boolean {
		const { witnessed } = this.#shareLog;
		if (witnessed === undefined) return false;
		const served = this.#served;
		const isCurrent = served?.size === witnessed.size && served.witnessed;
		if (isCurrent && this.#clock.now() - served.atMs < AT_LEAST_EVERY_MS) return false;
		return this.#clock.now() - this.#builtAtMs >= (asked ? AT_MOST_EVERY_MS : EVERY_MS);
	}

	/**
	 * Brings the index up to the newest tree that enough witnesses have seen, and publishes it. One at a time. Rejects
	 * with StoreError, TileLogError and DoorStateError.
	 */
	async build(): Promise<void> {
		const { witnessed } = this.#shareLog;
		if (witnessed === undefined) return;
		this.#builtAtMs = this.#clock.now();
		const last = await this.#lastEntry();
		const known = this.#served?.size === last?.size ? this.#served?.tree : undefined;
		let tree = known ?? (last && (await this.#treeOf(last.size)));
		let entryIndex = last?.entryIndex ?? -1;
		const isOld = this.#clock.now() - (last?.atMs ?? 0) >= AT_LEAST_EVERY_MS;
		if (last === undefined || last.size < witnessed.size || (last.size === witnessed.size && isOld)) {
			tree = await this.#grow(last?.size ?? 0, witnessed.size, tree);
			const { origin, size, root: shareRoot } = witnessed;
			const facts = { origin, size, shareRoot, bits: tree.bits, root: tree.root, atMs: this.#clock.now() };
			const row = { entry_index: ++entryIndex, size, entry: formatIndexEntry(facts) };
			// Durable before it is signed, like a leaf of the share log.
			await this.#store.insertInto("chain_index").values(row).execute();
		}
		await this.log.catchUp();
		await this.log.publish();
		if (tree !== undefined) await this.#serve(entryIndex, tree);
	}

	/** The newest entry with its proof; undefined before the first one. */
	get head(): string | undefined {
		return this.#served?.head;
	}

	/** A bucket of the index as it is now; undefined where there is none such. */
	async bucket(bits: number, bucket: number): Promise<string | undefined> {
		const served = this.#served;
		if (served === undefined || served.tree.bits !== bits || !(bucket < 2 ** bits)) return undefined;
		const values = (await this.#values(bucket, bucket + 1, bits, served.size)).map(({ value }) => value);
		return formatBucket(bucket, served.tree.prove(bucket), values, served.head);
	}

	/** Gives out this entry, once enough witnesses have seen it; the first one at once. */
	async #serve(entryIndex: number, tree: BucketTree): Promise<void> {
		const witnessed = this.log.witnessedSize > entryIndex;
		if (!witnessed && this.#served !== undefined) return;
		const row = await this.#store
			.selectFrom("chain_index")
			.selectAll()
			.where("entry_index", "=", entryIndex)
			.executeTakeFirstOrThrow();
		const proof = this.log.prove(entryIndex, witnessed ? "witnessed" : "signed");
		const atMs = parseIndexEntry(row.entry)?.atMs ?? 0;
		this.#served = { size: row.size, atMs, tree, head: formatIndexHead(proof, row.entry), witnessed };
	}

	async #lastEntry(): Promise<LastEntry | undefined> {
		const row = await this.#store
			.selectFrom("chain_index")
			.select(["entry_index as entryIndex", "size", "entry"])
			.orderBy("entry_index", "desc")
			.limit(1)
			.executeTakeFirst();
		if (row === undefined) return undefined;
		const entry = parseIndexEntry(row.entry);
		if (entry?.size !== row.size) throw new DoorStateError("an entry of the index is not what it was");
		return { entryIndex: row.entryIndex, size: row.size, atMs: entry.atMs };
	}

	/** Takes in the leaves in between; gives the tree over the buckets of the larger log. */
	async #grow(from: number, to: number, tree: BucketTree | undefined): Promise<BucketTree> {
		const bits = bucketBits(to);
		const touched = new Set<number>();
		for (let at = from; at < to; ) {
			const leaves = await readLeaves(this.#store, at, Math.min(LEAVES_PER_READ, to - at));
			if (leaves.length === 0) throw new DoorStateError("the share log has leaves that are not in the door's store");
			const rows = leaves.map((leaf, place) => ({ value: chainValue(leaf), leaf_index: at + place }));
			for (const { value } of rows) touched.add(bucketOf(value, bits));
			// Neighbours together: the table is sorted.
			rows.sort((a, b) => compareValues(a.value, b.value));
			await this.#store
				.insertInto("chain_value")
				.values(rows)
				.onConflict((conflict) => conflict.doNothing())
				.execute();
			at += leaves.length;
		}
		if (tree?.bits !== bits) return this.#treeOf(to);
		const grown = new BucketTree(bits, nativeNodeHash, tree);
		if (touched.size * 8 > 2 ** bits) return this.#filled(grown, to);
		const hashes = new Map<number, Uint8Array>();
		for (const bucket of touched)
			for (const hash of await this.#hashes(bucket, bucket + 1, bits, to)) hashes.set(bucket, hash);
		grown.update(hashes);
		return grown;
	}

	/** Made anew from all values. */
	#treeOf(size: number): Promise<BucketTree> {
		return this.#filled(new BucketTree(bucketBits(size), nativeNodeHash), size);
	}

	async #filled(tree: BucketTree, size: number): Promise<BucketTree> {
		for (let from = 0; from < 2 ** tree.bits; from += BUCKETS_PER_READ) {
			const to = Math.min(2 ** tree.bits, from + BUCKETS_PER_READ);
			const hashes = await this.#hashes(from, to, tree.bits, size);
			tree.update(new Map(hashes.map((hash, at) => [from + at, hash])));
		}
		return tree;
	}

	/** Of these buckets, in their order. */
	async #hashes(from: number, to: number, bits: number, size: number): Promise<readonly Uint8Array[]> {
		const buckets = Array.from({ length: to - from }, (): Uint8Array[] => []);
		for (const { value } of await this.#values(from, to, bits, size))
			buckets[bucketOf(value, bits) - from]?.push(value);
		return buckets.map((values) => bucketHash(values, bucketHashed));
	}

	/** Sorted. What later leaves brought is not in it. */
	#values(from: number, to: number, bits: number, size: number) {
		const above = this.#store
			.selectFrom("chain_value")
			.select("value")
			.where("value", ">=", bucketStart(from, bits))
			.where("leaf_index", "<", size);
		return (to < 2 ** bits ? above.where("value", "<", bucketStart(to, bits)) : above).orderBy("value").execute();
	}
}

function chainValue(leaf: Uint8Array): Uint8Array {
	const value = chainValueOf(leaf);
	if (value === undefined) throw new DoorStateError("a leaf of the share log is none");
	return value;
}

/** The RFC 6962 leaf hash of a bucket's bytes. */
function bucketHashed(bytes: Uint8Array): Uint8Array {
	return createHash("sha256").update(Uint8Array.of(0)).update(bytes).digest();
}
