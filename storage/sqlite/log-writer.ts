/**
 * Group commit: all transactions of a group in one SQLite transaction, synced once. A transaction that conflicts is
 * left out whole and its neighbours are stored; a failure of the engine takes the whole group back.
 */
import type Database from "better-sqlite3";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { AppendStep, DecodedStep, KnownId, SubscribeStep } from "./group-decoder.ts";
import { STEP } from "./group-layout.ts";
import { encodeLine } from "./journal.ts";
import type { CachedLog, CachedSubscription, LogCache } from "./log-cache.ts";
import { type Conflict, findConflict } from "./log-conflicts.ts";
import { replay } from "./log-replay.ts";
import { LogTables } from "./log-tables.ts";
import { readHead, writeRecord } from "./record.ts";
import { RowInserter } from "./row-inserter.ts";
import type { SenderState } from "./sender-state.ts";

/** A transaction that was left out, by its place in the group. */
export interface Failure extends Conflict {
	readonly index: number;
}

export class LogWriter {
	readonly #db: Database.Database;
	readonly #cache: LogCache;
	readonly #tables: LogTables;
	readonly #entries: RowInserter;
	readonly #begin;
	readonly #commit;
	readonly #insertLine;
	readonly #acknowledged = new Set<CachedSubscription>();
	readonly #trimmed = new Set<CachedLog>();
	/** Rows of this group, to be taken back with it. */
	#senders: SenderState[] = [];

	constructor(db: Database.Database, cache: LogCache) {
		this.#db = db;
		this.#cache = cache;
		this.#tables = new LogTables(db);
		this.#entries = new RowInserter(db, "entries (n, log, record)", 3);
		this.#begin = db.prepare("BEGIN IMMEDIATE");
		this.#commit = db.prepare("COMMIT");
		this.#insertLine = db.prepare("INSERT INTO journal (n, changes) VALUES (?, ?)");
	}

	/** Stores all but the transactions it returns. Throws when nothing could be stored. Synced when it returns. */
	commit(transactions: readonly (readonly DecodedStep[])[]): readonly Failure[] {
		const failures: Failure[] = [];
		try {
			this.#begin.run();
			for (const [index, steps] of transactions.entries()) {
				const conflict = findConflict(steps, this.#cache, (alias) => this.#tables.logOfAlias(alias));
				if (conflict !== undefined) failures.push({ index, ...conflict });
				else for (const step of steps) this.#apply(step);
			}
			this.#entries.flush();
			this.#writeJournal();
			this.#commit.run();
		} catch (error) {
			this.#takeBack();
			throw error;
		} finally {
			this.#senders = [];
		}
		return failures;
	}

	#apply(step: DecodedStep): void {
		if (step.op === STEP.create) {
			this.#tables.create(step);
			return;
		}
		const log = this.#cache.find(step.log);
		if (log === undefined) throw new RangeError("a checked step has no log");
		switch (step.op) {
			case STEP.append:
				this.#append(log, step);
				break;
			case STEP.acknowledge:
				this.#change(log, step.device, (row) => this.#acknowledge(row, step.seq));
				break;
			case STEP.unsubscribe:
				this.#change(log, step.device, (row) => {
					row.until = Math.min(row.until ?? step.seq, step.seq);
					this.#tables.setUntil(row.n, row.until);
				});
				break;
			case STEP.subscribe:
				this.#subscribe(log, step);
				break;
			case STEP.floor:
				this.#tables.raiseFloor(log.n, step.device.bytes, step.seq);
				break;
			case STEP.trim:
				this.#trim(log, step.upTo);
				break;
			case STEP.epoch:
				log.epoch = step.group.epoch;
				this.#tables.setEpoch(log.n, step);
				break;
			case STEP.pendingRemovals:
				this.#tables.setPendingRemovals(log.n, step.devices);
				break;
			case STEP.register:
				this.#tables.putRegister(log.n, step);
				break;
		}
	}

	#append(log: CachedLog, { seq, timeMs, record, sender }: AppendStep): void {
		const n = ++this.#cache.lastEntry;
		let stored = record;
		if (sender !== undefined) {
			const { device, row, before } = sender;
			if (before?.stored === false) stored = withFullRow(record, device, row);
			log.senders.set(device.hex, row);
			row.stored = true;
			this.#senders.push(row);
		}
		this.#entries.add(n, log.n, stored);
		log.append(n, seq, timeMs);
		this.#cache.noteAppended(log);
	}

	#subscribe(log: CachedLog, step: SubscribeStep): void {
		this.#cache.forgetSubscription(log, step.device.hex);
		const row = this.#tables.subscribe(log.n, step);
		if (row !== undefined) this.#cache.keepSubscription(log, row);
	}

	#acknowledge(row: CachedSubscription, seq: number): void {
		if (seq <= row.acked) return;
		row.acked = seq;
		this.#acknowledged.add(row);
		this.#cache.noteAcknowledged(row, this.#cache.lastLine + 1);
	}

	/** Changes a subscription, where there is one, and removes it when nobody needs it any more. */
	#change(log: CachedLog, device: KnownId, apply: (row: CachedSubscription) => void): void {
		const row = this.#cache.subscription(log, device);
		if (row === undefined) return;
		apply(row);
		if (row.until === undefined || row.acked < row.until) return;
		this.#cache.forgetSubscription(log, device.hex);
		this.#tables.deleteSubscription(row.n);
	}

	#trim(log: CachedLog, upTo: number): void {
		const target = Math.min(upTo, log.head);
		if (target <= log.trimmed) return;
		log.trimmed = target;
		this.#trimmed.add(log);
		this.#cache.noteTrimmed(log, this.#cache.lastLine + 1);
	}

	#writeJournal(): void {
		if (this.#acknowledged.size === 0 && this.#trimmed.size === 0) return;
		const line = encodeLine({
			acknowledged: Array.from(this.#acknowledged, ({ n, acked }) => [n, acked] as const),
			trimmed: Array.from(this.#trimmed, ({ n, trimmed }) => [n, trimmed] as const),
		});
		this.#insertLine.run(++this.#cache.lastLine, line);
		this.#acknowledged.clear();
		this.#trimmed.clear();
	}

	#takeBack(): void {
		for (const row of this.#senders) row.stored = false;
		this.#entries.drop();
		this.#acknowledged.clear();
		this.#trimmed.clear();
		if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
		replay(this.#db, this.#cache);
	}
}

const scratch = new ByteWriter(new ArrayBuffer(1024));

/** The record with the whole row: where the row it is a difference to was never stored. */
function withFullRow(record: Uint8Array, device: KnownId, row: SenderState): Uint8Array {
	const from = ByteReader.over(record);
	const { seq, timeMs, kind, account } = readHead(from);
	const change = { kind: "full", lastClientSeq: row.lastClientSeq, answers: row.answers() } as const;
	writeRecord(scratch, { seq, timeMs, kind, body: from.blob() }, account, device.bytes, change);
	return scratch.copy();
}
