/**
 * A bounded cache in front of the records. What is forgotten while a load is under way is not kept when the load
 * ends: a removed device must never come back out of a race.
 */
export class ReadThrough<Key, Value> {
	readonly #load: (key: Key) => Promise<Value | undefined>;
	readonly #capacity: number;
	/** In the order of use, the least recent first. */
	readonly #kept = new Map<Key, Value>();
	readonly #loading = new Map<Key, Promise<Value | undefined>>();

	/** @param load gives undefined for what does not exist; that is never kept, so that strangers can not fill memory */
	constructor(capacity: number, load: (key: Key) => Promise<Value | undefined>) {
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
		return this.#loading.get(key) ?? this.#start(key);
	}

	/** The value has changed or is about to: the next reader loads it. */
	forget(key: Key): void {
		this.#kept.delete(key);
		this.#loading.delete(key);
	}

	#start(key: Key): Promise<Value | undefined> {
		const load = this.#load(key).then(
			(value) => {
				if (this.#loading.get(key) === load) {
					this.#loading.delete(key);
					if (value !== undefined) this.#keep(key, value);
				}
				return value;
			},
			(error: unknown) => {
				if (this.#loading.get(key) === load) this.#loading.delete(key);
				throw error;
			},
		);
		this.#loading.set(key, load);
		return load;
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
