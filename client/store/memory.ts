/** A local store that ends with the process: for tests and for a browser without storage. */
import { LocalStoreError } from "./errors.ts";
import { checkKey, checkLimit } from "./keys.ts";
import type { LocalStore } from "./port.ts";

/** What a memory store writes to. Kept outside it, so that a store can be closed and opened again. */
export type MemoryData = Map<string, Uint8Array>;

export class MemoryStore implements LocalStore {
	readonly #data: MemoryData;
	#order: readonly string[] | undefined;
	#closed = false;

	constructor(data: MemoryData = new Map()) {
		this.#data = data;
	}

	async get(key: string): Promise<Uint8Array | undefined> {
		this.#checkOpen();
		const value = this.#data.get(key);
		return value && Uint8Array.from(value);
	}

	async range(
		from: string,
		to: string,
		options: { readonly limit?: number; readonly reverse?: boolean } = {},
	): Promise<readonly (readonly [key: string, value: Uint8Array])[]> {
		this.#checkOpen();
		const limit = checkLimit(options.limit);
		this.#order ??= [...this.#data.keys()].sort();
		const selected = this.#order.slice(lowerBound(this.#order, from), lowerBound(this.#order, to));
		if (options.reverse) selected.reverse();
		return selected.slice(0, limit).map((key) => [key, Uint8Array.from(this.#data.get(key) ?? [])] as const);
	}

	async write(batch: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
		this.#checkOpen();
		for (const key of batch.keys()) checkKey(key);
		for (const [key, value] of batch) {
			if (value === undefined) {
				if (this.#data.delete(key)) this.#order = undefined;
			} else {
				if (!this.#data.has(key)) this.#order = undefined;
				this.#data.set(key, Uint8Array.from(value));
			}
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed = true;
	}

	#checkOpen(): void {
		if (this.#closed) throw new LocalStoreError("Closed", "the store is closed");
	}
}

/** The first position whose key is not below `key`. */
function lowerBound(sorted: readonly string[], key: string): number {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((sorted[middle] ?? "") < key) low = middle + 1;
		else high = middle;
	}
	return low;
}
