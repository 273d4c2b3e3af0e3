/**
 * Reads what is committed but not settled back into memory: at opening, and after a failed commit, when memory may be
 * ahead of the file. Only reads, so that it works on a full disk.
 */
import type Database from "better-sqlite3";
import { ByteReader } from "./bytes.ts";
import { decodeLine } from "./journal.ts";
import type { CachedLog, LogCache } from "./log-cache.ts";
import { readMeta } from "./log-database.ts";
import { readHead } from "./record.ts";
import { SenderRows } from "./sender-rows.ts";
import { SenderState } from "./sender-state.ts";

export function replay(db: Database.Database, cache: LogCache): void {
	cache.clear();
	const settled = readMeta(db, "settled");
	cache.lastEntry = settled;
	replayEntries(db, cache, settled);
	replayJournal(db, cache);
	const unpurged = db.prepare<[], number>("SELECT n FROM logs WHERE purged < trimmed").pluck().all();
	for (const n of unpurged) cache.moved.add(known(cache.findByNumber(n)));
}

function replayEntries(db: Database.Database, cache: LogCache, settled: number): void {
	const senders = new SenderRows(db);
	const rows = db
		.prepare<[number], [n: number, log: number, record: Buffer]>(
			"SELECT n, log, record FROM entries WHERE n > ? ORDER BY n",
		)
		.raw()
		.iterate(settled);
	for (const [n, logNumber, record] of rows) {
		const log = known(cache.findByNumber(logNumber));
		const { seq, timeMs, device, change } = readHead(ByteReader.over(record));
		cache.lastEntry = n;
		// This log settled after others with older entries.
		if (seq <= log.head) continue;
		log.append(n, seq, timeMs);
		cache.noteAppended(log);
		if (device === undefined || change === undefined) continue;
		const name = Buffer.from(device).toString("hex");
		const row = SenderState.after(log.senders.get(name) ?? senders.read(log.n, name), change, seq, timeMs);
		row.stored = true;
		log.senders.set(name, row);
	}
}

function replayJournal(db: Database.Database, cache: LogCache): void {
	const lines = db.prepare<[], [n: number, changes: Buffer]>("SELECT n, changes FROM journal ORDER BY n").raw().all();
	const selectSubscription = db
		.prepare<[number], [log: number, device: string, acked: number, until: number | null]>(
			"SELECT log, lower(hex(device)), acked, until FROM subscriptions WHERE n = ?",
		)
		.raw();
	for (const [line, changes] of lines) {
		const { acknowledged, trimmed } = decodeLine(changes);
		cache.lastLine = line;
		for (const [n, seq] of acknowledged) {
			// A subscription that is gone was ended or replaced after this line.
			const row = cache.acknowledged.get(n) ?? selectSubscription.get(n);
			if (row === undefined) continue;
			const subscription = Array.isArray(row)
				? cache.keepSubscription(known(cache.findByNumber(row[0])), {
						n,
						device: row[1],
						acked: row[2],
						until: row[3] ?? undefined,
						line,
					})
				: row;
			subscription.acked = Math.max(subscription.acked, seq);
			cache.noteAcknowledged(subscription, line);
		}
		for (const [n, upTo] of trimmed) {
			const log = known(cache.findByNumber(n));
			log.trimmed = Math.max(log.trimmed, upTo);
			cache.noteTrimmed(log, line);
		}
	}
}

function known(log: CachedLog | undefined): CachedLog {
	if (log === undefined) throw new RangeError("an entry or a journal line names a log that is not there");
	return log;
}
