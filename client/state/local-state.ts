/**
 * The committed state of a device: one transaction at a time over the local store, with the small records and the MLS
 * groups in use kept in memory. Nothing in memory runs ahead of what is durable.
 */
import type { ConversationId } from "@troth/protocol";
import type { MlsEngine, MlsGroup } from "../mls/engine.ts";
import { LocalStoreError } from "../store/errors.ts";
import type { LocalStore } from "../store/port.ts";
import { Draft, type Readable } from "./draft.ts";
import { KEYS, type RecordKey, within } from "./keys.ts";

/** Small records that are needed at every step, one per account, contact, conversation, log and key package. */
const KEPT = [
	KEYS.accounts,
	KEYS.contacts,
	KEYS.conversations,
	KEYS.logs,
	KEYS.keyPackages,
	KEYS.exportersPrefix,
] as const;
const GROUPS_KEPT = 64;
/** Keys are ASCII. */
const EVERYTHING = [" ", "~"] as const;
const ERASED_AT_ONCE = 256;

export class LocalState implements Readable, AsyncDisposable {
	readonly #store: LocalStore;
	readonly #engine: MlsEngine;
	readonly #records = new Map<string, unknown>();
	/** Least recently used first. */
	readonly #groups = new Map<ConversationId, MlsGroup>();
	#tail: Promise<unknown> = Promise.resolve();
	#closed = false;

	private constructor(store: LocalStore, engine: MlsEngine) {
		this.#store = store;
		this.#engine = engine;
	}

	/** Reads what is kept in memory. The store belongs to the state from here on. */
	static async open(store: LocalStore, engine: MlsEngine): Promise<LocalState> {
		const state = new LocalState(store, engine);
		for (const prefix of KEPT) {
			for (const [key, value] of await store.range(...within(prefix))) state.#records.set(key, decode(value));
		}
		return state;
	}

	/**
	 * Runs `work` alone and makes everything it wrote durable in one write, or nothing when it throws. Do not call it
	 * inside itself.
	 */
	transact<T>(work: (draft: Draft) => Promise<T>): Promise<T> {
		const run = this.#tail.then(async () => {
			if (this.#closed) throw new StateClosed();
			const draft = new Draft(this);
			const result = await work(draft);
			await this.#commit(draft);
			return result;
		});
		this.#tail = run.catch(() => undefined);
		return run;
	}

	/** Deletes everything there is, for good; nothing can be written after it. */
	async erase(): Promise<void> {
		const run = this.#tail.then(async () => {
			this.#closed = true;
			for (;;) {
				const rows = await this.#store.range(...EVERYTHING, { limit: ERASED_AT_ONCE });
				if (rows.length === 0) break;
				await this.#write(new Map(rows.map(([key]) => [key, undefined])));
			}
			this.#records.clear();
			this.#groups.clear();
		});
		this.#tail = run.catch(() => undefined);
		await run;
	}

	async #commit(draft: Draft): Promise<void> {
		const batch = new Map<string, Uint8Array | undefined>();
		for (const [key, value] of draft.records) batch.set(key, value === undefined ? undefined : encode(value));
		for (const [key, value] of draft.bytes) batch.set(key, value);
		for (const [id, group] of draft.groups) await this.#encodeGroup(batch, id, group);
		if (batch.size > 0) await this.#write(batch);
		for (const [key, value] of draft.records) this.#keep(key, value);
		for (const [id, group] of draft.groups) this.#keepGroup(id, group);
		for (const effect of draft.effects) effect();
	}

	async #write(batch: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
		try {
			await this.#store.write(batch);
		} catch (cause) {
			throw new StateFailed(cause);
		}
	}

	/** The tree is written only when the epoch changed: it is the large part and does not change within one. */
	async #encodeGroup(
		batch: Map<string, Uint8Array | undefined>,
		id: ConversationId,
		group: MlsGroup | undefined,
	): Promise<void> {
		const encoded = group === undefined ? undefined : this.#engine.encodeGroup(group);
		batch.set(KEYS.groupState(id), encoded?.state);
		const before = await this.readGroup(id);
		const sameTree =
			before !== undefined &&
			group !== undefined &&
			this.#engine.epoch(before) === this.#engine.epoch(group) &&
			sameBytes(this.#engine.epochAuthenticator(before), this.#engine.epochAuthenticator(group));
		if (!sameTree) batch.set(KEYS.groupTree(id), encoded?.tree);
	}

	#keep(key: string, value: unknown): void {
		if (!KEPT.some((prefix) => key.startsWith(prefix))) return;
		if (value === undefined) this.#records.delete(key);
		else this.#records.set(key, value);
	}

	#keepGroup(id: ConversationId, group: MlsGroup | undefined): void {
		this.#groups.delete(id);
		if (group !== undefined) this.#groups.set(id, group);
		const oldest = this.#groups.size > GROUPS_KEPT ? this.#groups.keys().next().value : undefined;
		if (oldest !== undefined) this.#groups.delete(oldest);
	}

	/** A committed record. */
	async read<T>(key: RecordKey<T>): Promise<T | undefined> {
		return (await this.readRecord(key)) as T | undefined;
	}

	/** A committed record of a kind that is kept in memory. */
	kept<T>(key: RecordKey<T>): T | undefined {
		return this.#records.get(key) as T | undefined;
	}

	/** All kept records under a prefix. */
	*keptWithin<T>(prefix: string): Generator<T> {
		for (const [key, value] of this.#records) if (key.startsWith(prefix)) yield value as T;
	}

	async readRecord(key: string): Promise<unknown> {
		if (KEPT.some((prefix) => key.startsWith(prefix))) return this.#records.get(key);
		const bytes = await this.readBytes(key);
		return bytes === undefined ? undefined : decode(bytes);
	}

	async readBytes(key: string): Promise<Uint8Array | undefined> {
		try {
			return await this.#store.get(key);
		} catch (cause) {
			throw new StateFailed(cause);
		}
	}

	/** Only inside a transaction: outside, a commit could overtake the decoding. */
	async readGroup(id: ConversationId): Promise<MlsGroup | undefined> {
		const known = this.#groups.get(id);
		if (known !== undefined) return known;
		const [tree, state] = await Promise.all([this.readBytes(KEYS.groupTree(id)), this.readBytes(KEYS.groupState(id))]);
		if (tree === undefined || state === undefined) return undefined;
		const group = this.#engine.decodeGroup(tree, state);
		this.#keepGroup(id, group);
		return group;
	}

	/** Committed records with from ≤ key < to, ascending, or descending with `reverse`. */
	async range<T>(
		[from, to]: readonly [from: string, to: string],
		options: { readonly limit?: number; readonly reverse?: boolean } = {},
	): Promise<readonly T[]> {
		return (await this.#store.range(from, to, options)).map(([, value]) => decode(value) as T);
	}

	/** Like `range`, with the keys. */
	async rangeKeys<T>([from, to]: readonly [from: string, to: string]): Promise<readonly (readonly [string, T])[]> {
		return (await this.#store.range(from, to)).map(([key, value]) => [key, decode(value) as T] as const);
	}

	/** Waits for the transaction under way, refuses further ones and closes the store. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed = true;
		await this.#tail;
		await this.#store[Symbol.asyncDispose]();
	}
}

/** The device was closed while work was waiting. */
export class StateClosed extends Error {
	override readonly name = "StateClosed";
	constructor() {
		super("the device is closed");
	}
}

/** The local store failed; nothing of the transaction was kept. */
export class StateFailed extends Error {
	override readonly name = "StateFailed";
	/** `STORE_FULL`: no room left on the disk, or in the browser's quota. */
	readonly code: "STORE_FULL" | "STORE_FAILED";
	constructor(cause: unknown) {
		const full = cause instanceof LocalStoreError && cause.code === "Full";
		super(full ? "there is no room left for the local store" : "the local store failed", { cause });
		this.code = full ? "STORE_FULL" : "STORE_FAILED";
	}
}

function encode(record: unknown): Uint8Array {
	return new TextEncoder().encode(JSON.stringify(record));
}

function decode(bytes: Uint8Array): unknown {
	return JSON.parse(new TextDecoder().decode(bytes));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
