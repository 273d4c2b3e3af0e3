/**
 * A local store whose values are encrypted on their way to another one.
 *
 * What it hides: all values, from whoever reads the store's files without the key. A value that is changed, or copied
 * to another key, is refused. What it does not hide: the keys themselves (how many messages in which conversation),
 * the lengths of values, and that an old value was put back in the place of a newer one.
 */
import { LocalStoreError } from "./errors.ts";
import type { LocalStore } from "./port.ts";

/** Encrypts values: AES-256-GCM under a key that never leaves it. */
export interface Sealer {
	/** What a thief of the files needs besides; shown to the person as it is. */
	readonly protection: "passphrase" | "key-file" | "browser-profile";
	/** `context` is authenticated along and has to be the same in `open`. */
	seal(context: string, plaintext: Uint8Array): Promise<Uint8Array>;
	/** Rejects with Tampered where the bytes were not sealed so, in this context, with this key. */
	open(context: string, sealed: Uint8Array): Promise<Uint8Array>;
}

/** Written when a store is first sealed; a store that can not open it has another key. */
const MARK_KEY = "!sealed";
const MARK = new TextEncoder().encode("troth local store, version 1");

/** Rejects with WrongKey where the store was sealed with another key, with Unreadable where it is not sealed. */
export async function sealStore(inner: LocalStore, sealer: Sealer): Promise<LocalStore> {
	const mark = await inner.get(MARK_KEY);
	if (mark === undefined) {
		if ((await inner.range(" ", "~", { limit: 1 })).length > 0) {
			throw new LocalStoreError("Unreadable", "a store with values that are not sealed");
		}
		await inner.write(new Map([[MARK_KEY, await sealer.seal(MARK_KEY, MARK)]]));
	} else {
		await sealer.open(MARK_KEY, mark).catch((cause: unknown) => {
			throw new LocalStoreError("WrongKey", "the store was sealed with another key", { cause });
		});
	}
	return new SealedStore(inner, sealer);
}

class SealedStore implements LocalStore {
	readonly #inner: LocalStore;
	readonly #sealer: Sealer;

	constructor(inner: LocalStore, sealer: Sealer) {
		this.#inner = inner;
		this.#sealer = sealer;
	}

	async get(key: string): Promise<Uint8Array | undefined> {
		const sealed = key === MARK_KEY ? undefined : await this.#inner.get(key);
		return sealed && this.#sealer.open(key, sealed);
	}

	async range(
		from: string,
		to: string,
		options: { readonly limit?: number; readonly reverse?: boolean } = {},
	): Promise<readonly (readonly [key: string, value: Uint8Array])[]> {
		const { limit } = options;
		// One more, in case the mark lies in the range.
		const rows = await this.#inner.range(from, to, limit === undefined ? options : { ...options, limit: limit + 1 });
		return Promise.all(
			rows
				.filter(([key]) => key !== MARK_KEY)
				.slice(0, limit)
				.map(async ([key, sealed]) => [key, await this.#sealer.open(key, sealed)] as const),
		);
	}

	async write(batch: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
		if (batch.has(MARK_KEY)) throw new RangeError("this key is the sealed store's own");
		const sealed = await Promise.all(
			[...batch].map(async ([key, value]) => [key, value && (await this.#sealer.seal(key, value))] as const),
		);
		await this.#inner.write(new Map(sealed));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#inner[Symbol.asyncDispose]();
	}
}
