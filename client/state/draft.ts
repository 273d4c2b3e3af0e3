/**
 * One local transaction while it is being made: reads see what was written before in it, nothing is durable until the
 * whole is. A nested draft is a part that may be given up without the rest.
 */
import type { ConversationId } from "@troth/protocol";
import type { MlsGroup } from "../mls/engine.ts";
import type { RecordKey } from "./keys.ts";

/** What a draft reads through to: the committed state, or the draft it is nested in. */
export interface Readable {
	readRecord(key: string): Promise<unknown>;
	readBytes(key: string): Promise<Uint8Array | undefined>;
	readGroup(id: ConversationId): Promise<MlsGroup | undefined>;
}

export class Draft implements Readable {
	/** What this draft changes; a value of undefined deletes. */
	readonly records = new Map<string, unknown>();
	readonly bytes = new Map<string, Uint8Array | undefined>();
	readonly groups = new Map<ConversationId, MlsGroup | undefined>();
	readonly effects: (() => void)[] = [];
	readonly #below: Readable;

	constructor(below: Readable) {
		this.#below = below;
	}

	/** The record under this key, as this draft would leave it. */
	async read<T>(key: RecordKey<T>): Promise<T | undefined> {
		return (await this.readRecord(key)) as T | undefined;
	}

	write<T>(key: RecordKey<T>, value: T | undefined): void {
		this.records.set(key, value);
	}

	async readRecord(key: string): Promise<unknown> {
		return this.records.has(key) ? this.records.get(key) : this.#below.readRecord(key);
	}

	async readBytes(key: string): Promise<Uint8Array | undefined> {
		return this.bytes.has(key) ? this.bytes.get(key) : this.#below.readBytes(key);
	}

	writeBytes(key: string, value: Uint8Array | undefined): void {
		this.bytes.set(key, value);
	}

	async readGroup(id: ConversationId): Promise<MlsGroup | undefined> {
		return this.groups.has(id) ? this.groups.get(id) : this.#below.readGroup(id);
	}

	/** The MLS state that this conversation has after the transaction; undefined drops it. */
	writeGroup(id: ConversationId, group: MlsGroup | undefined): void {
		this.groups.set(id, group);
	}

	/** Runs once everything is durable, in the order of the calls; never when the draft is given up. */
	after(effect: () => void): void {
		this.effects.push(effect);
	}

	nested(): Draft {
		return new Draft(this);
	}

	/** Makes a nested draft's changes part of this one. */
	absorb(part: Draft): void {
		for (const [key, value] of part.records) this.records.set(key, value);
		for (const [key, value] of part.bytes) this.bytes.set(key, value);
		for (const [id, group] of part.groups) this.groups.set(id, group);
		this.effects.push(...part.effects);
	}
}
