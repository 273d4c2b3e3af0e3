/** Randomness from a seed, the same everywhere: sfc32 (PractRand-tested), seeded by text. */
import { createHash } from "node:crypto";

export class Dice {
	readonly #state: Uint32Array;

	/** @param name equal names throw equal numbers */
	constructor(name: string) {
		const digest = createHash("sha256").update(name).digest();
		this.#state = Uint32Array.from({ length: 4 }, (_, i) => digest.readUInt32LE(4 * i));
	}

	/** 32 bits. */
	next(): number {
		const s = this.#state as unknown as [number, number, number, number];
		const sum = (s[0] + s[1] + s[3]) >>> 0;
		s[3] = (s[3] + 1) >>> 0;
		s[0] = s[1] ^ (s[1] >>> 9);
		s[1] = (s[2] + (s[2] << 3)) >>> 0;
		s[2] = (((s[2] << 21) | (s[2] >>> 11)) + sum) >>> 0;
		return sum;
	}

	/** A whole number from 0 to `limit` - 1. */
	below(limit: number): number {
		return Math.floor((this.next() / 2 ** 32) * limit);
	}

	/** A whole number from `low` to `high`, both included. */
	between(low: number, high: number): number {
		return low + this.below(high - low + 1);
	}

	chance(probability: number): boolean {
		return this.next() / 2 ** 32 < probability;
	}

	/** One of them; undefined only of none. */
	pick<T>(list: readonly T[]): T | undefined {
		return list[this.below(list.length)];
	}

	/** One of the names, each as often as its weight says. */
	weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
		const entries = Object.entries(weights) as [Name, number][];
		let at = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
		for (const [name, weight] of entries) {
			if (at < weight) return name;
			at -= weight;
		}
		throw new RangeError("nothing to choose from");
	}

	fill(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; at += 4) {
			const word = this.next();
			for (let i = 0; i < 4 && at + i < bytes.length; i++) bytes[at + i] = word >>> (8 * i);
		}
	}
}
