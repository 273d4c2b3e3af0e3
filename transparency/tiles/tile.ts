/** Tiles of C2SP tlog-tiles: up to 256 hashes of one level side by side; the seven levels above them are computed. */
import { type NodeHasher, nodeHash, TREE_HASH_BYTES } from "../merkle/hash.ts";
import type { HashReader } from "../merkle/tree.ts";
import { ProofError } from "../proof-error.ts";
import { TILE_HEIGHT, TILE_WIDTH } from "./tile-path.ts";

/** The bytes of the tile with this index at this level, at least as wide as the tree needs. */
export type TileReader = (level: number, index: number) => Uint8Array;

/** Reads single hashes of a tree out of its tiles. The reader throws ProofError (TILE_INVALID) where a tile is short. */
export function hashesInTiles(tile: TileReader, hash: NodeHasher = nodeHash): HashReader {
	return (level, index) => {
		const tileLevel = Math.floor(level / TILE_HEIGHT);
		const width = 2 ** (level % TILE_HEIGHT);
		const first = index * width;
		const bytes = tile(tileLevel, Math.floor(first / TILE_WIDTH));
		return subtreeHash(bytes, first % TILE_WIDTH, width, hash);
	};
}

/** Which tile a hash of the tree is read from. */
export function tileOfHash(level: number, index: number): { level: number; index: number } {
	const first = index * 2 ** (level % TILE_HEIGHT);
	return { level: Math.floor(level / TILE_HEIGHT), index: Math.floor(first / TILE_WIDTH) };
}

function subtreeHash(tile: Uint8Array, first: number, width: number, hash: NodeHasher): Uint8Array {
	if (width === 1) return hashAt(tile, first);
	const half = width / 2;
	return hash(subtreeHash(tile, first, half, hash), subtreeHash(tile, first + half, half, hash));
}

function hashAt(tile: Uint8Array, at: number): Uint8Array {
	const hash = tile.subarray(at * TREE_HASH_BYTES, (at + 1) * TREE_HASH_BYTES);
	if (hash.length !== TREE_HASH_BYTES) throw new ProofError("TILE_INVALID", "a tile is too short");
	return hash;
}
