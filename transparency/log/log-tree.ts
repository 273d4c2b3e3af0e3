/** The tree and the entries of a log: what it has in memory, and which files a larger tree adds to a smaller one. */
import { type NodeHasher, sameHash } from "../merkle/hash.ts";
import { consistencyProof, inclusionProof, type TreeHead, treeRoot } from "../merkle/tree.ts";
import { decodeEntryBundle, encodeEntryBundle, LONGEST_ENTRY_BYTES } from "../tiles/entry-bundle.ts";
import { TILE_WIDTH, type TileAddress, tileAt, tilePath } from "../tiles/tile-path.ts";
import { HashTiles } from "./hash-tiles.ts";
import { TileLogError } from "./tile-log-error.ts";

/** How a tree hashes; Node's own hashes are faster than the portable ones. */
export interface TreeHashers {
	readonly leaf: (data: Uint8Array) => Uint8Array;
	readonly node: NodeHasher;
}

/** Brings a stored file; undefined where there is none. */
export type FileReader = (path: string) => Uint8Array | undefined;

export class LogTree {
	readonly #hashers: TreeHashers;
	readonly #tiles: HashTiles;
	/** Leaves from `#entriesFrom` on: what is not stored, and what shares a bundle with it. */
	#entries: Uint8Array[];
	#entriesFrom: number;
	#stored: number;
	/** What the proofs of one size have in common. */
	#edge = { size: 0, hashes: new Map<number, Uint8Array>() };

	/** The tree of `stored` leaves that lies in these files. Throws TileLogError and ProofError where it does not. */
	constructor(stored: number, read: FileReader, hashers: TreeHashers) {
		this.#hashers = hashers;
		this.#stored = stored;
		this.#tiles = new HashTiles(stored, (address) => readTile(read, address), hashers.node);
		this.#entriesFrom = stored - (stored % TILE_WIDTH);
		const address = tileAt(stored, "entries", this.#entriesFrom / TILE_WIDTH);
		this.#entries = address === undefined ? [] : decodeEntryBundle(readTile(read, address)).slice(0, address.width);
		const damaged = this.#entries.findIndex((entry, at) => !this.#isLeaf(this.#entriesFrom + at, entry));
		if (damaged >= 0 || this.#entriesFrom + this.#entries.length !== stored)
			throw new TileLogError("DAMAGED", "the last entry bundle is not what its tile says");
	}

	get size(): number {
		return this.#tiles.size;
	}

	/** Adds leaves at this index; those that are there already have to be equal. Throws TileLogError (GAP, FORK). */
	integrate(from: number, leaves: readonly Uint8Array[]): void {
		if (!Number.isSafeInteger(from) || from < 0 || from > this.size)
			throw new TileLogError("GAP", `leaves from ${from} on, but the log has ${this.size}`);
		if (leaves.some((leaf) => leaf.length > LONGEST_ENTRY_BYTES))
			throw new TileLogError("LEAF_TOO_LONG", "a leaf has at most 65535 bytes");
		const known = this.size - from;
		for (const [at, leaf] of leaves.slice(0, known).entries())
			if (!this.#isLeaf(from + at, leaf)) throw new TileLogError("FORK", `leaf ${from + at} is another one already`);
		for (const leaf of leaves.slice(known)) {
			this.#tiles.append(this.#hashers.leaf(leaf));
			this.#entries.push(new Uint8Array(leaf));
		}
	}

	/** Root of the first `size` leaves. */
	head(size: number): TreeHead {
		return { size, root: treeRoot(size, this.#tiles.read, this.#hashers.node) };
	}

	inclusionProof(index: number, size: number): Uint8Array[] {
		if (this.#edge.size !== size) this.#edge = { size, hashes: new Map() };
		return inclusionProof(index, size, this.#tiles.read, this.#hashers.node, this.#edge.hashes);
	}

	consistencyProof(older: number, newer: number): Uint8Array[] {
		return consistencyProof(older, newer, this.#tiles.read, this.#hashers.node);
	}

	/** The files that the tree of `size` leaves needs and that are not stored yet. */
	unstored(size: number): (readonly [path: string, bytes: Uint8Array])[] {
		const files = [...this.#tiles.changed(this.#stored, size)].map(
			({ address, bytes }) => [tilePath(address), bytes] as const,
		);
		for (let index = this.#entriesFrom / TILE_WIDTH; size > this.#stored; index++) {
			const address = tileAt(size, "entries", index);
			if (address === undefined) break;
			const start = index * TILE_WIDTH - this.#entriesFrom;
			const bytes = encodeEntryBundle(this.#entries.slice(start, start + address.width));
			files.push([tilePath(address), bytes]);
		}
		return files;
	}

	/** These files are durable now. Returns the directories of partial tiles that full ones have replaced. */
	stored(size: number): string[] {
		const replaced: string[] = [];
		for (let level = 0; ; level++) {
			const before = tileAtEdge(this.#stored, level);
			if (before === undefined) break;
			const now = tileAt(size, level, before.index);
			if (now?.width !== TILE_WIDTH || before.width === TILE_WIDTH) continue;
			replaced.push(`${tilePath(now)}.p`);
			if (level === 0) replaced.push(`${tilePath({ ...now, level: "entries" })}.p`);
		}
		this.#stored = size;
		const from = size - (size % TILE_WIDTH);
		this.#entries = this.#entries.slice(from - this.#entriesFrom);
		this.#entriesFrom = from;
		this.#tiles.forget(size);
		return replaced;
	}

	#isLeaf(index: number, leaf: Uint8Array): boolean {
		return sameHash(this.#tiles.read(0, index), this.#hashers.leaf(leaf));
	}
}

/** The last tile at this level, full or not; undefined where the level has none. */
function tileAtEdge(size: number, level: number): TileAddress | undefined {
	const hashes = Math.floor(size / TILE_WIDTH ** level);
	return hashes === 0 ? undefined : tileAt(size, level, Math.ceil(hashes / TILE_WIDTH) - 1);
}

/** A partial tile may have been deleted once the full one was there. */
function readTile(read: FileReader, address: TileAddress): Uint8Array {
	const bytes = read(tilePath(address)) ?? read(tilePath({ ...address, width: TILE_WIDTH }));
	if (bytes === undefined) throw new TileLogError("DAMAGED", `${tilePath(address)} is missing`);
	return bytes;
}
