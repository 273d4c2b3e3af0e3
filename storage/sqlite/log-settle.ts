/**
 * Settling: brings the tables up to what was appended since the last time, in one transaction, and deletes what was
 * trimmed. A log's row, a sender row or a cursor is written once, however often it moved in between; entries that were
 * trimmed before they settled are deleted in long runs and never indexed.
 */
import type Database from "better-sqlite3";
import type { CachedLog, LogCache } from "./log-cache.ts";
import { replay } from "./log-replay.ts";
import { RowInserter } from "./row-inserter.ts";
import { SenderRows } from "./sender-rows.ts";

/** Settle when this much is waiting: large enough to write a page once for many rows, small enough for a short stop. */
const ENTRIES = 8192;
const CURSORS = 8192;
const JOURNAL_ROWS = 4096;
/** Entries deleted in one settling; more wait for the next. */
const PURGED = 16_384;

export class LogSettler {
	readonly #db: Database.Database;
	readonly #cache: LogCache;
	readonly #positions: RowInserter;
	readonly #senders: SenderRows;
	readonly #updateLog;
	readonly #updateAcked;
	readonly #selectOldest;
	readonly #selectPositions;
	readonly #deletePositions;
	readonly #deleteEntries;
	readonly #selectUnpurged;
	/** After a failure: wait until as much again has come. */
	#patience = 1;

	constructor(db: Database.Database, cache: LogCache) {
		this.#db = db;
		this.#cache = cache;
		this.#positions = new RowInserter(db, "positions (log, seq, entry, time_ms)", 4);
		this.#senders = new SenderRows(db);
		this.#updateLog = db.prepare("UPDATE logs SET head = ?, trimmed = ?, purged = ?, oldest_ms = ? WHERE n = ?");
		this.#updateAcked = db.prepare("UPDATE subscriptions SET acked = ? WHERE n = ?");
		this.#selectOldest = db
			.prepare<[number, number], number>("SELECT time_ms FROM positions WHERE log = ? AND seq = ?")
			.pluck();
		this.#selectPositions = db
			.prepare<[number, number, number], [seq: number, entry: number]>(
				"SELECT seq, entry FROM positions WHERE log = ? AND seq <= ? ORDER BY seq LIMIT ?",
			)
			.raw();
		this.#deletePositions = db.prepare("DELETE FROM positions WHERE log = ? AND seq <= ?");
		this.#deleteEntries = db.prepare("DELETE FROM entries WHERE n BETWEEN ? AND ?");
		this.#selectUnpurged = db.prepare<[], number>("SELECT n FROM logs WHERE purged < trimmed").pluck();
	}

	/** Settles if enough waits for it. A failure, of a full disk for instance, costs nothing but the next try. */
	settleIfDue(): void {
		const { unsettledEntries, acknowledged, journalRows } = this.#cache;
		const waiting = Math.max(unsettledEntries / ENTRIES, acknowledged.size / CURSORS, journalRows / JOURNAL_ROWS);
		if (waiting < this.#patience) return;
		try {
			this.settle();
		} catch {
			this.#patience = waiting + 1;
		}
	}

	/** Settles everything that is committed. Throws where the engine fails; nothing is lost then. */
	settle(): void {
		const { moved, acknowledged, toPurge } = this.#cache;
		if (moved.size === 0 && acknowledged.size === 0 && toPurge.size === 0) return;
		try {
			this.#db.transaction(() => this.#writeTables()).immediate();
		} catch (error) {
			this.#positions.drop();
			replay(this.#db, this.#cache);
			throw error;
		}
		this.#noteSettled();
		this.#patience = 1;
	}

	/** Settles, and deletes all that was trimmed, however much it is. */
	settleAndPurge(): void {
		do this.settle();
		while (this.#cache.toPurge.size > 0);
	}

	#writeTables(): void {
		const { moved, acknowledged, toPurge } = this.#cache;
		this.#purge();
		for (const log of [...moved].sort((a, b) => a.n - b.n)) {
			log.tail.forEach((entry, index) => {
				const seq = log.tailFrom + index;
				if (seq > log.purged) this.#positions.add(log.n, seq, entry.n, entry.timeMs);
			});
		}
		this.#positions.flush();
		for (const log of new Set([...moved, ...toPurge])) {
			const oldest = this.#oldest(log);
			this.#updateLog.run(log.head, log.trimmed, log.purged, oldest ?? null, log.n);
			log.oldestMs = oldest;
			for (const [device, row] of log.senders) this.#senders.write(log.n, device, row);
		}
		for (const { n, acked } of acknowledged.values()) this.#updateAcked.run(acked, n);
		this.#db.exec("DELETE FROM journal");
		this.#db.prepare("UPDATE meta SET value = ? WHERE key = 'settled'").run(this.#cache.lastEntry);
	}

	#noteSettled(): void {
		const cache = this.#cache;
		for (const log of new Set([...cache.moved, ...cache.toPurge])) {
			log.tail.length = 0;
			log.senders.clear();
			log.settledTrimmed = log.trimmed;
			if (log.purged === log.trimmed) cache.toPurge.delete(log);
		}
		cache.moved.clear();
		cache.acknowledged.clear();
		cache.unsettledEntries = 0;
		cache.journalRows = 0;
		if (cache.shrink()) for (const n of this.#selectUnpurged.all()) cache.findByNumber(n);
	}

	#purge(): void {
		const entries: number[] = [];
		for (const log of this.#cache.toPurge) {
			const room = PURGED - entries.length;
			if (room <= 0) break;
			const settled = this.#selectPositions.all(log.n, log.trimmed, room);
			for (const [, entry] of settled) entries.push(entry);
			const last = settled.at(-1);
			if (last !== undefined) this.#deletePositions.run(log.n, last[0]);
			if (settled.length === room) {
				log.purged = last?.[0] ?? log.purged;
				continue;
			}
			const hidden = Math.max(0, log.trimmed - log.tailFrom + 1);
			for (const entry of log.tail.slice(0, hidden)) entries.push(entry.n);
			log.purged = log.trimmed;
		}
		for (const [first, last] of runsOf(entries)) this.#deleteEntries.run(first, last);
	}

	/** Time of the oldest kept entry. Called when the positions are written. */
	#oldest(log: CachedLog): number | undefined {
		if (log.head === log.trimmed) return undefined;
		const inTail = log.tailEntry(log.trimmed + 1);
		if (inTail !== undefined) return inTail.timeMs;
		if (log.trimmed === log.settledTrimmed) return log.oldestMs;
		return this.#selectOldest.get(log.n, log.trimmed + 1);
	}
}

/** Numbers as runs without holes, ascending. */
export function runsOf(numbers: number[]): readonly (readonly [first: number, last: number])[] {
	const runs: [number, number][] = [];
	for (const n of numbers.sort((a, b) => a - b)) {
		const run = runs.at(-1);
		if (run !== undefined && run[1] === n - 1) run[1] = n;
		else runs.push([n, n]);
	}
	return runs;
}
