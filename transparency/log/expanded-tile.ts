/** A tile with the seven levels above its hashes, and the one hash that goes into the tile above. */
import { type NodeHasher, TREE_HASH_BYTES } from "../merkle/hash.ts";
import { TILE_HEIGHT, TILE_WIDTH } from "../tiles/tile-path.ts";

const HASHES = 2 * TILE_WIDTH - 1;

export class ExpandedTile {
	readonly #bytes = new Uint8Array(HASHES * TREE_HASH_BYTES);
	#width = 0;

	/** Hashes at the bottom: 0 to 256. */
	get width(): number {
		return this.#width;
	}

	/** Takes one more hash in at the bottom and makes every hash above that is complete with it. */
	push(hash: Uint8Array, nodeHash: NodeHasher): void {
		let at = this.#width++;
		this.#put(0, at, hash);
		for (let level = 1; level <= TILE_HEIGHT && at % 2 === 1; level++) {
			const left = this.at(level - 1, at - 1);
			const right = this.at(level - 1, at);
			at = (at - 1) / 2;
			this.#put(level, at, nodeHash(left, right));
		}
	}

	/** The hash at this height (0 to 8) above the tile's bottom; only complete ones are there. */
	at(height: number, index: number): Uint8Array {
		const start = offsetOf(height, index);
		return this.#bytes.subarray(start, start + TREE_HASH_BYTES);
	}

	/** The tile's file at this width. */
	encode(width: number): Uint8Array {
		return this.#bytes.slice(0, width * TREE_HASH_BYTES);
	}

	#put(height: number, index: number, hash: Uint8Array): void {
		this.#bytes.set(hash, offsetOf(height, index));
	}
}

/** 256 hashes, then 128, … then 1. */
function offsetOf(height: number, index: number): number {
	return (2 * TILE_WIDTH - (2 * TILE_WIDTH) / 2 ** height + index) * TREE_HASH_BYTES;
}
