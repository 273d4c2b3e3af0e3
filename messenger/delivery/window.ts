/**
 * What is under way to one reader in one log: sent and not yet acknowledged. Sequence numbers are dense, but a Gap or a
 * Skipped range counts as one item, so each item is kept as the number it reaches to and its bytes.
 */
export class InFlight {
	#upTo: number[] = [];
	#bytes: number[] = [];
	#first = 0;

	get count(): number {
		return this.#upTo.length - this.#first;
	}

	/** Notes an item that was sent. `upTo` grows from call to call. */
	push(upTo: number, bytes: number): void {
		this.#upTo.push(upTo);
		this.#bytes.push(bytes);
	}

	/** Forgets the oldest item if it reaches no further than `seq`; gives its bytes, or undefined if there is none. */
	shift(seq: number): number | undefined {
		const upTo = this.#upTo[this.#first];
		if (upTo === undefined || upTo > seq) return undefined;
		const bytes = this.#bytes[this.#first++] as number;
		if (this.#first === this.#upTo.length) {
			this.#upTo.length = 0;
			this.#bytes.length = 0;
			this.#first = 0;
		} else if (this.#first >= 64) {
			this.#upTo = this.#upTo.slice(this.#first);
			this.#bytes = this.#bytes.slice(this.#first);
			this.#first = 0;
		}
		return bytes;
	}
}
