/** When to try again: doubling waits with full jitter, so that a server that comes back is not met by all at once. */

const FIRST_MS = 250;
const LONGEST_MS = 30_000;

export class Backoff {
	#failures = 0;
	readonly #random: (length: number) => Uint8Array;

	constructor(random: (length: number) => Uint8Array) {
		this.#random = random;
	}

	/** Milliseconds to wait after one more failure: between 100 ms and the doubled ceiling. */
	next(): number {
		const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
		this.#failures = Math.min(this.#failures + 1, 16);
		return 100 + this.fraction() * ceiling;
	}

	/** It worked: the next failure waits briefly again. */
	reset(): void {
		this.#failures = 0;
	}

	/** Uniform in [0, 1). */
	fraction(): number {
		const [high = 0, low = 0] = this.#random(2);
		return (high * 256 + low) / 65_536;
	}
}
