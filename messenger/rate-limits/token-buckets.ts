/**
 * Token buckets in memory: each key may spend `capacity` at once and gets it back evenly over `refillMs`. Memory is
 * bounded: full buckets are forgotten, and when all are in use the one touched longest ago goes first.
 */
import { type Clock, Refusal } from "@troth/protocol";

export interface BucketSize {
	readonly capacity: number;
	/** Time in which an empty bucket becomes full. */
	readonly refillMs: number;
}

const KEYS_KEPT = 100_000;
/** Times with fractions, this far after 1970, are off by less. */
const ROUNDING_MS = 0.001;

export class TokenBuckets {
	readonly #clock: Clock;
	readonly #size: BucketSize;
	readonly #keysKept: number;
	/** When each bucket will be full again (the generic cell rate algorithm), in the order they were last used. */
	readonly #fullAtMs = new Map<string, number>();

	constructor(clock: Clock, size: BucketSize, keysKept = KEYS_KEPT) {
		this.#clock = clock;
		this.#size = size;
		this.#keysKept = keysKept;
	}

	/** Spends one, or `count`. Throws RATE_LIMITED with the time at which there are so many again. */
	spend(key: string, count = 1): void {
		const now = this.#clock.now();
		const { capacity, refillMs } = this.#size;
		const fullAtMs = Math.max(now, this.#fullAtMs.get(key) ?? now) + (count * refillMs) / capacity;
		if (fullAtMs - now > refillMs + ROUNDING_MS)
			throw new Refusal("RATE_LIMITED", "too often", { retryAtMs: Math.ceil(fullAtMs - refillMs) });
		this.#fullAtMs.delete(key);
		this.#fullAtMs.set(key, fullAtMs);
		if (this.#fullAtMs.size > this.#keysKept) this.#forget(now);
	}

	#forget(now: number): void {
		for (const [key, fullAtMs] of this.#fullAtMs) {
			if (fullAtMs > now && this.#fullAtMs.size <= this.#keysKept) return;
			this.#fullAtMs.delete(key);
		}
	}
}
