/**
 * The hashes of a growing log, in tiles: the right edge and what was used lately in memory, the rest wherever `load`
 * finds it. Appending a leaf costs two hashes on average, a proof about as many look-ups as the tree is high.
 */
import { type NodeHasher, sameHash, TREE_HASH_BYTES } from "../merkle/hash.ts";
import type { HashReader } from "../merkle/tree.ts";
import { ProofError } from "../proof-error.ts";
import { tileOfHash } from "../tiles/tile.ts";
import { hashesAtLevel, TILE_HEIGHT, TILE_WIDTH, type TileAddress, tileAt } from "../tiles/tile-path.ts";
import { ExpandedTile } from "./expanded-tile.ts";

/** Brings the bytes of a stored tile, at least as wide as the address says. Throws where there is none. */
export type TileLoader = (address: TileAddress & { readonly level: number }) => Uint8Array;

/** 16 KiB each, so at most 64 MiB beside what is not stored yet. */
const MOST_TILES = 4096;
/** More than a log can have: 2^53 leaves have seven. */
const LEVELS = 8;

interface KeptTile {
	readonly level: number;
	readonly index: number;
	readonly tile: ExpandedTile;
	/** When it was used last, by a count of uses. */
	used: number;
}

export class HashTiles {
	readonly #load: TileLoader;
	readonly #hash: NodeHasher;
	readonly #tiles = new Map<number, KeptTile>();
	/** The one that was used last: as a rule it is the next one, too. */
	#last: KeptTile | undefined;
	#uses = 0;
	#size: number;

	/** @param size how many leaves are stored already */
	constructor(size: number, load: TileLoader, hash: NodeHasher) {
		this.#size = size;
		this.#load = load;
		this.#hash = hash;
	}

	get size(): number {
		return this.#size;
	}

	/** Reads the hash of a complete subtree. Throws ProofError (TILE_INVALID) where a stored tile is not of this tree. */
	readonly read: HashReader = (level, index) => {
		const place = tileOfHash(level, index);
		const height = level % TILE_HEIGHT;
		return this.#tile(place.level, place.index).at(height, index % (TILE_WIDTH / 2 ** height));
	};

	append(leaf: Uint8Array): void {
		let hash = leaf;
		for (let level = 0; ; level++) {
			const index = hashesAtLevel(this.#size, level);
			const tile = this.#tile(level, Math.floor(index / TILE_WIDTH));
			tile.push(hash, this.#hash);
			if (tile.width < TILE_WIDTH) break;
			hash = tile.at(TILE_HEIGHT, 0);
		}
		this.#size++;
	}

	/** The files that a tree of `size` has and one of `stored` leaves has not, with their bytes. */
	*changed(stored: number, size: number): Generator<{ readonly address: TileAddress; readonly bytes: Uint8Array }> {
		for (let level = 0; hashesAtLevel(size, level) > 0; level++) {
			const first = Math.floor(hashesAtLevel(stored, level) / TILE_WIDTH);
			for (let index = first; ; index++) {
				const address = tileAt(size, level, index);
				if (address === undefined) break;
				// No new hash at this level: the tile is there as it is.
				if (hashesAtLevel(size, level) === hashesAtLevel(stored, level)) break;
				yield { address, bytes: this.#tile(level, index).encode(address.width) };
			}
		}
	}

	/** Forgets tiles that were not used lately; those that a tree of `stored` leaves does not have in full stay. */
	forget(stored: number): void {
		if (this.#tiles.size <= MOST_TILES) return;
		for (const [key, { level, index }] of [...this.#tiles].sort(([, a], [, b]) => a.used - b.used)) {
			if (this.#tiles.size <= MOST_TILES) return;
			if ((index + 1) * TILE_WIDTH <= hashesAtLevel(stored, level)) this.#tiles.delete(key);
		}
	}

	#tile(level: number, index: number): ExpandedTile {
		const last = this.#last;
		if (last !== undefined && last.index === index && last.level === level) return last.tile;
		const key = index * LEVELS + level;
		let kept = this.#tiles.get(key);
		if (kept === undefined) {
			kept = { level, index, tile: this.#loaded(level, index), used: 0 };
			this.#tiles.set(key, kept);
		}
		kept.used = ++this.#uses;
		this.#last = kept;
		return kept.tile;
	}

	#loaded(level: number, index: number): ExpandedTile {
		const tile = new ExpandedTile();
		const address = tileAt(this.#size, level, index);
		if (address === undefined) return tile;
		const bytes = this.#load({ ...address, level });
		if (bytes.length < address.width * TREE_HASH_BYTES)
			throw new ProofError("TILE_INVALID", "a stored tile is too short");
		for (let at = 0; at < address.width; at++)
			tile.push(bytes.subarray(at * TREE_HASH_BYTES, (at + 1) * TREE_HASH_BYTES), this.#hash);
		// The tiles at the right edge make up the root, which is signed; every other one is vouched for by the one above.
		if (address.width === TILE_WIDTH && !sameHash(tile.at(TILE_HEIGHT, 0), this.read(TILE_HEIGHT * (level + 1), index)))
			throw new ProofError("TILE_INVALID", "a stored tile is not what the tile above says");
		return tile;
	}
}
