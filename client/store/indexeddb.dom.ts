/** A local store in the browser's IndexedDB. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { LocalStoreError } from "./errors.ts";
import { checkKey, checkLimit } from "./keys.ts";
import type { LocalStore } from "./port.ts";

interface Schema extends DBSchema {
	entries: { key: string; value: Uint8Array };
}

const VERSION = 1;

/**
 * Opens the store, and makes it where there is none. There is no lock: the page's leader lock (hazard 13) has to be
 * held. Browsers may evict a store without `navigator.storage.persist()`.
 */
export async function openIndexedDbStore(name: string): Promise<LocalStore> {
	let store: IndexedDbStore | undefined;
	const database = await translated(() =>
		openDB<Schema>(name, VERSION, {
			upgrade: (made) => {
				made.createObjectStore("entries");
			},
			// A later version of the app wants to upgrade, or the store is deleted: make room.
			blocking: () => {
				void store?.[Symbol.asyncDispose]();
			},
			terminated: () => {
				void store?.[Symbol.asyncDispose]();
			},
		}),
	);
	store = new IndexedDbStore(database);
	return store;
}

class IndexedDbStore implements LocalStore {
	readonly #database: IDBPDatabase<Schema>;
	#closed = false;

	constructor(database: IDBPDatabase<Schema>) {
		this.#database = database;
	}

	async get(key: string): Promise<Uint8Array | undefined> {
		return this.#run(() => this.#database.get("entries", key));
	}

	async range(
		from: string,
		to: string,
		options: { readonly limit?: number; readonly reverse?: boolean } = {},
	): Promise<readonly (readonly [key: string, value: Uint8Array])[]> {
		const limit = checkLimit(options.limit);
		// IndexedDB throws for an empty range and takes a limit of 0 for none.
		if (from >= to || limit === 0) return [];
		const bounds = IDBKeyRange.bound(from, to, false, true);
		return this.#run(async () => {
			const transaction = this.#database.transaction("entries", "readonly");
			if (!options.reverse) {
				const [keys, values] = await Promise.all([
					transaction.store.getAllKeys(bounds, limit),
					transaction.store.getAll(bounds, limit),
				]);
				return values.map((value, index) => [keys[index] ?? "", value] as const);
			}
			const rows: (readonly [string, Uint8Array])[] = [];
			let cursor = await transaction.store.openCursor(bounds, "prev");
			while (cursor !== null && rows.length < (limit ?? Number.POSITIVE_INFINITY)) {
				rows.push([cursor.key, cursor.value]);
				cursor = await cursor.continue();
			}
			return rows;
		});
	}

	async write(batch: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
		for (const key of batch.keys()) checkKey(key);
		if (batch.size === 0) return;
		await this.#run(async () => {
			// `strict`: on the disk when it completes, not only handed to the operating system.
			const transaction = this.#database.transaction("entries", "readwrite", { durability: "strict" });
			const requests = [...batch].map(([key, value]) =>
				// Copied: a view would be stored with the whole buffer below it.
				value === undefined ? transaction.store.delete(key) : transaction.store.put(Uint8Array.from(value), key),
			);
			await Promise.all([...requests, transaction.done]);
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		this.#database.close();
	}

	async #run<T>(step: () => Promise<T>): Promise<T> {
		if (this.#closed) throw new LocalStoreError("Closed", "the store is closed");
		return translated(step);
	}
}

async function translated<T>(step: () => Promise<T>): Promise<T> {
	try {
		return await step();
	} catch (cause) {
		const name = cause instanceof DOMException ? cause.name : "";
		if (name === "QuotaExceededError") {
			throw new LocalStoreError("Full", "the browser gives no more space", { cause });
		}
		if (name === "VersionError") {
			throw new LocalStoreError("Unreadable", "the store was made by a later version", { cause });
		}
		throw new LocalStoreError("Failed", "the browser's store failed", { cause });
	}
}
