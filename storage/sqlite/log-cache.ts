/**
 * What the worker knows of the logs it works with: heads, and everything that is committed but not yet settled into
 * the tables. Unsettled logs stay until they are settled; clean ones may be forgotten and are read again when needed.
 */
import type Database from "better-sqlite3";
import type { KnownId } from "./group-decoder.ts";
import type { SenderState } from "./sender-state.ts";

export class CachedLog {
	readonly n: number;
	readonly hex: string;
	/** Set when the cache no longer keeps this up to date. */
	forgotten = false;
	head: number;
	trimmed: number;
	purged: number;
	/** `trimmed` and the oldest kept entry's time as the table has them. */
	settledTrimmed: number;
	oldestMs: number | undefined;
	/** Undefined for a log without a group. */
	epoch: number | undefined;
	/** Unsettled entries, dense: the first has seq `tailFrom`. */
	tailFrom = 0;
	readonly tail: TailEntry[] = [];
	/** By device, in hex. */
	readonly subscriptions = new Map<string, CachedSubscription>();
	/** Rows that have changed since the last settling. */
	readonly senders = new Map<string, SenderState>();

	constructor(row: LogRow) {
		const [n, id, head, trimmed, purged, oldestMs, epoch] = row;
		this.n = n;
		this.hex = id;
		this.head = head;
		this.trimmed = trimmed;
		this.purged = purged;
		this.settledTrimmed = trimmed;
		this.oldestMs = oldestMs ?? undefined;
		this.epoch = epoch ?? undefined;
	}

	append(n: number, seq: number, timeMs: number): void {
		if (this.tail.length === 0) this.tailFrom = seq;
		this.tail.push({ n, timeMs });
		this.head = seq;
	}

	/** The unsettled entry with this seq. */
	tailEntry(seq: number): TailEntry | undefined {
		return seq < this.tailFrom ? undefined : this.tail[seq - this.tailFrom];
	}
}

interface TailEntry {
	readonly n: number;
	readonly timeMs: number;
}

export interface CachedSubscription {
	readonly n: number;
	readonly device: string;
	acked: number;
	until: number | undefined;
	/** The first line of the journal that tells what the table does not. */
	line: number;
}

type LogRow = [
	n: number,
	id: string,
	head: number,
	trimmed: number,
	purged: number,
	oldestMs: number | null,
	epoch: number | null,
];

const MOST_LOGS = 20_000;
const MOST_SUBSCRIPTIONS = 50_000;
const LOG = `
	SELECT n, lower(hex(id)), head, trimmed, purged, oldest_ms, epoch
	FROM logs LEFT JOIN groups ON groups.log = logs.n`;

export class LogCache {
	readonly #byId = new Map<string, CachedLog>();
	readonly #byNumber = new Map<number, CachedLog>();
	#subscriptions = 0;
	/** Logs with anything to settle: entries, sender rows, a trim, or trimmed entries that are still in the file. */
	readonly moved = new Set<CachedLog>();
	/** Subscriptions whose acknowledgement is not in the table, by number; those that wait longest first. */
	readonly acknowledged = new Map<number, CachedSubscription>();
	/** Logs whose trim is not in the table, and the journal's line that tells it; longest first. */
	readonly #trimmed = new Map<CachedLog, number>();
	/** The number of the newest entry; numbers are never used again. */
	lastEntry = 0;
	unsettledEntries = 0;
	/** The newest line of the journal; numbers are never used again while the store is open. */
	lastLine = 0;
	readonly #selectById;
	readonly #selectByNumber;
	readonly #selectSubscription;

	constructor(db: Database.Database) {
		this.#selectById = db.prepare<[Uint8Array], LogRow>(`${LOG} WHERE id = ?`).raw();
		this.#selectByNumber = db.prepare<[number], LogRow>(`${LOG} WHERE n = ?`).raw();
		this.#selectSubscription = db
			.prepare<[number, Uint8Array], [n: number, acked: number, until: number | null]>(
				"SELECT n, acked, until FROM subscriptions WHERE log = ? AND device = ?",
			)
			.raw();
	}

	find(id: KnownId): CachedLog | undefined {
		if (id.log !== undefined && !id.log.forgotten) return id.log;
		id.log = this.#byId.get(id.hex) ?? this.#keep(this.#selectById.get(id.bytes));
		return id.log;
	}

	findByName(hex: string): CachedLog | undefined {
		return this.#byId.get(hex) ?? this.#keep(this.#selectById.get(Buffer.from(hex, "hex")));
	}

	findByNumber(n: number): CachedLog | undefined {
		return this.#byNumber.get(n) ?? this.#keep(this.#selectByNumber.get(n));
	}

	/** The log if it is held anyway, and so may be ahead of its row. */
	peek(n: number): CachedLog | undefined {
		return this.#byNumber.get(n);
	}

	subscription(log: CachedLog, device: KnownId): CachedSubscription | undefined {
		const known = log.subscriptions.get(device.hex);
		if (known !== undefined) return known;
		const row = this.#selectSubscription.get(log.n, device.bytes);
		if (row === undefined) return undefined;
		return this.keepSubscription(log, {
			n: row[0],
			device: device.hex,
			acked: row[1],
			until: row[2] ?? undefined,
			line: 0,
		});
	}

	keepSubscription(log: CachedLog, subscription: CachedSubscription): CachedSubscription {
		log.subscriptions.set(subscription.device, subscription);
		this.#subscriptions++;
		return subscription;
	}

	forgetSubscription(log: CachedLog, device: string): void {
		const known = log.subscriptions.get(device);
		if (known === undefined) return;
		log.subscriptions.delete(device);
		this.acknowledged.delete(known.n);
		this.#subscriptions--;
	}

	/** Something of this log was appended. */
	noteAppended(log: CachedLog): void {
		this.unsettledEntries++;
		this.moved.add(log);
	}

	/** This was acknowledged; the journal's line says so. */
	noteAcknowledged(subscription: CachedSubscription, line: number): void {
		if (this.acknowledged.has(subscription.n)) return;
		subscription.line = line;
		this.acknowledged.set(subscription.n, subscription);
	}

	/** This log was trimmed; the journal's line says so. */
	noteTrimmed(log: CachedLog, line: number): void {
		this.moved.add(log);
		if (!this.#trimmed.has(log)) this.#trimmed.set(log, line);
	}

	/** These logs are in the tables as they are here, but for trimmed entries that are still in the file. */
	noteSettled(logs: readonly CachedLog[]): void {
		for (const log of logs) {
			this.unsettledEntries -= log.tail.length;
			log.tail.length = 0;
			log.senders.clear();
			log.settledTrimmed = log.trimmed;
			this.#trimmed.delete(log);
			this.moved.delete(log);
			if (log.purged < log.trimmed) this.moved.add(log);
		}
	}

	/** No line of the journal before this one is needed any more. */
	get firstLine(): number {
		const [subscription] = this.acknowledged.values();
		const [trim] = this.#trimmed.values();
		return Math.min(subscription?.line ?? this.lastLine + 1, trim ?? this.lastLine + 1);
	}

	/** The entry up to which nothing is unsettled. */
	settledEntry(): number {
		let settled = this.lastEntry;
		for (const log of this.moved) {
			const first = log.tail[0];
			if (first !== undefined && first.n <= settled) settled = first.n - 1;
		}
		return settled;
	}

	/** Forgets clean logs when they are many. */
	shrink(): void {
		if (this.#byId.size <= MOST_LOGS && this.#subscriptions <= MOST_SUBSCRIPTIONS) return;
		for (const log of this.#byId.values()) {
			if (!this.moved.has(log)) this.#forget(log);
		}
	}

	clear(): void {
		for (const log of this.#byId.values()) log.forgotten = true;
		this.#byId.clear();
		this.#byNumber.clear();
		this.#subscriptions = 0;
		this.moved.clear();
		this.acknowledged.clear();
		this.#trimmed.clear();
		this.lastEntry = 0;
		this.unsettledEntries = 0;
	}

	#forget(log: CachedLog): void {
		const cursors = [...log.subscriptions.values()];
		if (cursors.some(({ n }) => this.acknowledged.has(n))) return;
		this.#subscriptions -= cursors.length;
		this.#byId.delete(log.hex);
		this.#byNumber.delete(log.n);
		log.forgotten = true;
	}

	#keep(row: LogRow | undefined): CachedLog | undefined {
		if (row === undefined) return undefined;
		const log = new CachedLog(row);
		this.#byId.set(log.hex, log);
		this.#byNumber.set(log.n, log);
		return log;
	}
}
