/**
 * A bounded cache in front of the records. Two things matter: what is forgotten while a load is under way is not kept
 * when the load ends (a removed device must never come back out of a race), and keys that are asked for during one
 * load are loaded together by the next (after a restart all devices come at once).
 */

interface Waiting<Value> {
	readonly promise: Promise<Value | undefined>;
	resolve(value: Value | undefined): void;
	reject(error: unknown): void;
}

/** Keys in one load. */
const TOGETHER = 200;

export class ReadThrough<Key, Value> {
	readonly #load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>;
	readonly #capacity: number;
	/** In the order of use, the least recent first. */
	readonly #kept = new Map<Key, Value>();
	/** Asked for and not yet answered. */
	readonly #asked = new Map<Key, Waiting<Value>>();
	/** Those of them that no load has taken yet. */
	#queue = new Map<Key, Waiting<Value>>();
	#loading = false;

	/** @param load leaves out what does not exist; that is never kept, so that strangers can not fill memory */
	constructor(capacity: number, load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>) {
		this.#capacity = capacity;
		this.#load = load;
	}

	async get(key: Key): Promise<Value | undefined> {
		const kept = this.#kept.get(key);
		if (kept !== undefined) {
			this.#kept.delete(key);
			this.#kept.set(key, kept);
			return kept;
		}
		const asked = this.#asked.get(key) ?? this.#ask(key);
		return asked.promise;
	}

	/** The value has changed: the next reader loads it. */
	forget(key: Key): void {
		this.#kept.delete(key);
		this.#asked.delete(key);
	}

	/** All values may have changed. */
	forgetAll(): void {
		this.#kept.clear();
		this.#asked.clear();
	}

	#ask(key: Key): Waiting<Value> {
		const waiting = Promise.withResolvers<Value | undefined>();
		this.#asked.set(key, waiting);
		// A forgotten key that still waits is loaded after it was forgotten: both readers can have that.
		const earlier = this.#queue.get(key);
		if (earlier !== undefined) waiting.promise.then(earlier.resolve, earlier.reject);
		this.#queue.set(key, waiting);
		if (!this.#loading) void this.#loadQueued();
		return waiting;
	}

	async #loadQueued(): Promise<void> {
		this.#loading = true;
		while (this.#queue.size > 0) {
			const batch = new Map([...this.#queue].slice(0, TOGETHER));
			for (const key of batch.keys()) this.#queue.delete(key);
			try {
				const values = await this.#load([...batch.keys()]);
				for (const [key, waiting] of batch) this.#settle(key, waiting, values.get(key));
			} catch (error) {
				for (const [key, waiting] of batch) {
					if (this.#asked.get(key) === waiting) this.#asked.delete(key);
					waiting.reject(error);
				}
			}
		}
		this.#loading = false;
	}

	#settle(key: Key, waiting: Waiting<Value>, value: Value | undefined): void {
		if (this.#asked.get(key) === waiting) {
			this.#asked.delete(key);
			if (value !== undefined) this.#keep(key, value);
		}
		waiting.resolve(value);
	}

	#keep(key: Key, value: Value): void {
		this.#kept.set(key, value);
		if (this.#kept.size <= this.#capacity) return;
		for (const oldest of this.#kept.keys()) {
			this.#kept.delete(oldest);
			return;
		}
	}
}
