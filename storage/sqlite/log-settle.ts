/**
 * Settling: brings the tables up to what was appended since the last time, and deletes what was trimmed. A log's row,
 * a sender row or a cursor is written once, however often it moved in between; entries that are trimmed before they
 * settle are deleted in long runs and leave no trace in the other tables.
 *
 * It goes in slices, the logs that wait longest first, so that commits never wait long for it. `meta.settled` is the
 * entry up to which nothing waits; later entries of a log that has settled are known by the head in its row.
 */
import type Database from "better-sqlite3";
import type { CachedLog, CachedSubscription, LogCache } from "./log-cache.ts";
import { replay } from "./log-replay.ts";
import { Positions } from "./positions.ts";
import { SenderRows } from "./sender-rows.ts";

/** How much may wait, and how much is done at once. */
export interface SettlingLimits {
	readonly entries: number;
	readonly cursors: number;
	/** Lines of the journal. */
	readonly lines: number;
	readonly slice: Slice;
}

interface Slice {
	readonly logs: number;
	readonly cursors: number;
	/** Entries to delete from the file. */
	readonly purged: number;
}

/** As much waits as a start after a crash replays in an instant; a slice is a few milliseconds of work. */
const LIMITS: SettlingLimits = {
	entries: 8192,
	cursors: 8192,
	lines: 4096,
	slice: { logs: 256, cursors: 2048, purged: 8192 },
};
const ALL: Slice = {
	logs: Number.POSITIVE_INFINITY,
	cursors: Number.POSITIVE_INFINITY,
	purged: Number.POSITIVE_INFINITY,
};

export class LogSettler {
	readonly #db: Database.Database;
	readonly #cache: LogCache;
	readonly #limits: SettlingLimits;
	readonly #positions: Positions;
	readonly #senders: SenderRows;
	readonly #updateLog;
	readonly #updateAcked;
	readonly #deleteEntries;
	readonly #deleteLines;
	readonly #updateSettled;
	readonly #synchronous: unknown;
	/** After a failure: how much has to wait until it is tried again. */
	#patience = 1;

	constructor(db: Database.Database, cache: LogCache, limits: SettlingLimits = LIMITS) {
		this.#db = db;
		this.#cache = cache;
		this.#limits = limits;
		this.#positions = new Positions(db);
		this.#senders = new SenderRows(db);
		this.#updateLog = db.prepare("UPDATE logs SET head = ?, trimmed = ?, purged = ?, oldest_ms = ? WHERE n = ?");
		this.#updateAcked = db.prepare("UPDATE subscriptions SET acked = ? WHERE n = ?");
		this.#deleteEntries = db.prepare("DELETE FROM entries WHERE n BETWEEN ? AND ?");
		this.#deleteLines = db.prepare("DELETE FROM journal WHERE n < ?");
		this.#updateSettled = db.prepare("UPDATE meta SET value = ? WHERE key = 'settled'");
		this.#synchronous = db.pragma("synchronous", { simple: true });
	}

	/** Settles a little if much waits. A failure, of a full disk for instance, costs nothing but the next try. */
	settleIfDue(): void {
		try {
			while (this.#waiting() > this.#patience) this.#settle(this.#limits.slice);
		} catch {
			this.#patience = this.#waiting() + 1;
		}
	}

	/** Settles everything that is committed. Throws where the engine fails; nothing is lost then. */
	settleAll(): void {
		while (this.#cache.moved.size > 0 || this.#cache.acknowledged.size > 0) this.#settle(ALL);
	}

	/** Above 1 when it is time. */
	#waiting(): number {
		const { unsettledEntries, acknowledged, lastLine, firstLine } = this.#cache;
		const { entries, cursors, lines } = this.#limits;
		return Math.max(unsettledEntries / entries, acknowledged.size / cursors, (lastLine - firstLine + 1) / lines);
	}

	#settle(slice: Slice): void {
		const logs = [...this.#cache.moved].slice(0, slice.logs);
		const cursors = [...this.#cache.acknowledged.values()].slice(0, slice.cursors);
		try {
			// Nobody waits for this: it is synced with the next commit, and a power cut before that only undoes it.
			if (this.#synchronous === FULL) this.#db.pragma("synchronous = NORMAL");
			this.#db.transaction(() => this.#write(logs, cursors, slice)).immediate();
			this.#patience = 1;
		} catch (error) {
			replay(this.#db, this.#cache);
			throw error;
		} finally {
			this.#db.pragma(`synchronous = ${this.#synchronous}`);
		}
		this.#cache.shrink();
	}

	#write(logs: readonly CachedLog[], cursors: readonly CachedSubscription[], slice: Slice): void {
		const cache = this.#cache;
		this.#purge(logs, slice.purged);
		for (const log of logs.toSorted((a, b) => a.n - b.n)) this.#writeLog(log);
		for (const { n, acked } of cursors) {
			this.#updateAcked.run(acked, n);
			cache.acknowledged.delete(n);
		}
		cache.noteSettled(logs);
		this.#deleteLines.run(cache.firstLine);
		this.#updateSettled.run(cache.settledEntry());
	}

	#writeLog(log: CachedLog): void {
		const { n, head, trimmed, purged, tail, senders } = log;
		const gone = Math.max(0, purged - log.tailFrom + 1);
		this.#positions.append(n, log.tailFrom + gone, tail.slice(gone));
		log.oldestMs = this.#oldest(log);
		this.#updateLog.run(head, trimmed, purged, log.oldestMs ?? null, n);
		for (const [device, row] of senders) this.#senders.write(n, device, row);
	}

	/** Deletes what these logs have trimmed, up to `most` entries. */
	#purge(logs: readonly CachedLog[], most: number): void {
		const entries: number[] = [];
		for (const log of logs) {
			if (entries.length >= most) break;
			if (log.purged === log.trimmed) continue;
			const before = log.purged;
			for (const { seq, n } of this.#positions.after(log.n, before)) {
				if (seq > log.trimmed || entries.length >= most) break;
				entries.push(n);
				log.purged = seq;
			}
			if (log.purged > before) this.#positions.forgetUpTo(log.n, log.purged);
			while (log.purged < log.trimmed && entries.length < most) {
				const entry = log.tailEntry(log.purged + 1);
				if (entry === undefined) break;
				entries.push(entry.n);
				log.purged++;
			}
		}
		for (const [first, last] of runsOf(entries)) this.#deleteEntries.run(first, last);
	}

	/** Time of the oldest kept entry. Called when the positions are written. */
	#oldest(log: CachedLog): number | undefined {
		if (log.head === log.trimmed) return undefined;
		const inTail = log.tailEntry(log.trimmed + 1);
		if (inTail !== undefined) return inTail.timeMs;
		if (log.trimmed === log.settledTrimmed) return log.oldestMs;
		const [oldest] = this.#positions.after(log.n, log.trimmed);
		return oldest?.timeMs;
	}
}

const FULL = 2;

/** Numbers as runs without holes, ascending. */
function runsOf(numbers: number[]): readonly (readonly [first: number, last: number])[] {
	const runs: [number, number][] = [];
	for (const n of numbers.sort((a, b) => a - b)) {
		const run = runs.at(-1);
		if (run !== undefined && run[1] === n - 1) run[1] = n;
		else runs.push([n, n]);
	}
	return runs;
}
