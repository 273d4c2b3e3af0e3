/**
 * A device's local store: ordered keys, byte values, atomic batches. SQLite on Node, IndexedDB in the browser, a map
 * in tests; `sealed-store.ts` encrypts values on top of any of them. One conformance suite runs over all.
 *
 * Keys are paths like `message/<conversation>/<seq>`; numbers in keys are zero-padded so that order is numeric.
 */
export interface LocalStore extends AsyncDisposable {
	get(key: string): Promise<Uint8Array | undefined>;
	/** Pairs with from ≤ key < to, ascending, or descending with `reverse`. */
	range(
		from: string,
		to: string,
		options?: { readonly limit?: number; readonly reverse?: boolean },
	): Promise<readonly (readonly [key: string, value: Uint8Array])[]>;
	/** All of it or nothing; durable when it resolves. A value of undefined deletes the key. */
	write(batch: ReadonlyMap<string, Uint8Array | undefined>): Promise<void>;
}
