/**
 * The newest entries of a log, in memory while some attached reader is behind: readers with a full window or a slow
 * socket catch up from here without a look into the store. Bounded; who falls further behind reads from the store.
 */
import type { EntryMessage } from "./wire.ts";

const MAX_ENTRIES = 1024;
const MAX_BYTES = 1024 * 1024;

export class Tail {
	#entries: EntryMessage[] = [];
	#first = 0;
	#bytes = 0;

	/** `entry` follows the last one that was pushed. */
	push(entry: EntryMessage): void {
		this.#entries.push(entry);
		this.#bytes += entry.message.length;
		while (this.#entries.length - this.#first > MAX_ENTRIES || this.#bytes > MAX_BYTES) this.#dropFirst();
	}

	get(seq: number): EntryMessage | undefined {
		const first = this.#entries[this.#first];
		return first === undefined ? undefined : this.#entries[this.#first + seq - first.seq];
	}

	clear(): void {
		if (this.#entries.length === 0) return;
		this.#entries = [];
		this.#first = 0;
		this.#bytes = 0;
	}

	#dropFirst(): void {
		this.#bytes -= this.#entries[this.#first++]?.message.length ?? 0;
		if (this.#first < MAX_ENTRIES) return;
		this.#entries = this.#entries.slice(this.#first);
		this.#first = 0;
	}
}
