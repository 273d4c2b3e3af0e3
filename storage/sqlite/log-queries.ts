/**
 * The reads. Every answer is what the tables say, brought up to date with what is committed and not settled yet.
 * Ids cross as hex.
 */
import type { AccountId, BlobId, ConversationId, DeviceId, LogId } from "@troth/protocol";
import { ID_BYTES } from "@troth/protocol/ids.ts";
import type Database from "better-sqlite3";
import type { GroupRecord, LogProgress, LogRecord, RegisterRow, SenderRow, Subscription, UnreadLog } from "../ports.ts";
import { ByteReader } from "./bytes.ts";
import type { CachedLog, LogCache } from "./log-cache.ts";
import type { LogSettler } from "./log-settle.ts";
import { Positions } from "./positions.ts";
import { readNumbers } from "./record.ts";
import { SenderRows } from "./sender-rows.ts";

export interface ReadLimits {
	readonly entries: number;
	readonly bytes: number;
}

interface SubscriptionRow {
	readonly n: number;
	readonly logNumber: number;
	readonly log: LogId;
	readonly device: DeviceId;
	readonly account: AccountId;
	readonly leaf: number | null;
	readonly role: Subscription["role"];
	readonly from: number;
	readonly acked: number;
	readonly floor: number;
	readonly until: number | null;
	/** The log's, as the table has them. */
	readonly head: number;
	readonly trimmed: number;
}

interface GroupRow {
	readonly kind: GroupRecord["kind"];
	readonly epoch: number;
	readonly groupInfo: Buffer;
	readonly tree: string;
	readonly treeBytes: number;
	readonly pendingRemovals: Buffer;
}

/** Records one after the other. */
export interface Page {
	readonly buffer: ArrayBuffer;
	readonly length: number;
}

const SUBSCRIPTION = `
	SELECT s.n, s.log AS logNumber, lower(hex(l.id)) AS log, lower(hex(device)) AS device, lower(hex(account)) AS account,
		leaf, role, from_seq AS "from", acked, floor, until, head, trimmed
	FROM subscriptions s JOIN logs l ON l.n = s.log`;

export class LogQueries {
	readonly #cache: LogCache;
	readonly #settler: LogSettler;
	readonly #senders: SenderRows;
	readonly #positions: Positions;
	readonly #selectAlias;
	readonly #selectGroup;
	readonly #selectOfLog;
	readonly #selectOfDevice;
	readonly #selectCursors;
	readonly #selectByNumber;
	readonly #selectAcknowledged;
	readonly #selectEntry;
	readonly #selectRegisters;
	readonly #selectOld;
	readonly #selectConversations;

	constructor(db: Database.Database, cache: LogCache, settler: LogSettler) {
		this.#cache = cache;
		this.#settler = settler;
		this.#senders = new SenderRows(db);
		this.#positions = new Positions(db);
		this.#selectAlias = db.prepare<[string], LogId>("SELECT lower(hex(id)) FROM logs WHERE alias = ?").pluck();
		this.#selectGroup = db.prepare<[number], GroupRow>(`
			SELECT kind, epoch, group_info AS groupInfo, lower(hex(tree)) AS tree, tree_bytes AS treeBytes,
				pending_removals AS pendingRemovals
			FROM groups WHERE log = ?`);
		this.#selectOfLog = db.prepare<[number], SubscriptionRow>(`${SUBSCRIPTION} WHERE s.log = ? ORDER BY s.device`);
		this.#selectOfDevice = db.prepare<[Uint8Array], SubscriptionRow>(
			`${SUBSCRIPTION} WHERE s.device = ? ORDER BY l.id`,
		);
		this.#selectCursors = db
			.prepare<[Uint8Array], [n: number, log: number, from: number, acked: number, until: number | null, head: number]>(
				`SELECT s.n, s.log, from_seq, acked, until, head FROM subscriptions s JOIN logs l ON l.n = s.log
				WHERE s.device = ? ORDER BY l.id`,
			)
			.raw();
		this.#selectByNumber = db.prepare<[number], SubscriptionRow>(`${SUBSCRIPTION} WHERE s.n = ?`);
		this.#selectAcknowledged = db
			.prepare<[number], [n: number, account: AccountId, acked: number]>(
				"SELECT n, lower(hex(account)), acked FROM subscriptions WHERE log = ?",
			)
			.raw();
		this.#selectEntry = db.prepare<[number], Buffer>("SELECT record FROM entries WHERE n = ?").pluck();
		this.#selectRegisters = db.prepare<[number], Omit<RegisterRow, "log">>(
			"SELECT lower(hex(device)) AS device, version, sealed FROM registers WHERE log = ? ORDER BY device",
		);
		this.#selectOld = db
			.prepare<[number, number], [n: number, log: LogId, trimmed: number, head: number]>(
				`SELECT n, lower(hex(id)), trimmed, head FROM logs WHERE oldest_ms < ? ORDER BY oldest_ms, id LIMIT ?`,
			)
			.raw();
		this.#selectConversations = db
			.prepare<[Uint8Array], ConversationId>(
				`SELECT lower(hex(id)) FROM logs WHERE n IN (
					SELECT s.log FROM subscriptions s JOIN groups g ON g.log = s.log
					WHERE s.account = ? AND s.until IS NULL)
				ORDER BY id`,
			)
			.pluck();
	}

	load(id: LogId): LogRecord | undefined {
		const log = this.#cache.findByName(id);
		if (log === undefined) return undefined;
		const { head, trimmed } = log;
		const group = this.#selectGroup.get(log.n);
		const subscriptions = this.#selectOfLog.all(log.n).map((row) => this.#toSubscription(row));
		return { log: id, head, trimmed, group: group && toGroup(group), subscriptions, senders: this.#sendersOf(log) };
	}

	/** In the order of the question. */
	heads(logs: readonly LogId[]): readonly (number | undefined)[] {
		return logs.map((id) => this.#cache.findByName(id)?.head);
	}

	findByAlias(alias: string): LogId | undefined {
		return this.#selectAlias.get(alias);
	}

	subscriptionsOf(device: DeviceId): readonly UnreadLog[] {
		return this.#selectOfDevice.all(bytes(device)).map((row) => this.#withHead(row));
	}

	/** First the numbers alone, for all of the device's logs; the rest only of those with something to get. */
	unreadOf(device: DeviceId): readonly UnreadLog[] {
		return this.#selectCursors.all(bytes(device)).flatMap(([n, log, from, acked, until, head]) => {
			const has = Math.max(from, this.#cache.acknowledged.get(n)?.acked ?? acked);
			const end = Math.min(this.#cache.peek(log)?.head ?? head, until ?? Number.POSITIVE_INFINITY);
			const row = has < end ? this.#selectByNumber.get(n) : undefined;
			return row === undefined ? [] : [this.#withHead(row)];
		});
	}

	read(id: LogId, after: number, limits: ReadLimits): Page {
		const log = this.#cache.findByName(id);
		const records = log === undefined ? [] : this.#page(log, Math.max(after, log.trimmed), limits);
		const bytes = Buffer.alloc(records.reduce((sum, record) => sum + record.length, 0));
		let length = 0;
		for (const record of records) length += record.copy(bytes, length);
		return { buffer: bytes.buffer, length };
	}

	progressOf(logs: readonly LogId[]): readonly LogProgress[] {
		return [...new Set(logs)].sort().flatMap((id) => {
			const log = this.#cache.findByName(id);
			if (log === undefined) return [];
			const furthest = new Map<AccountId, number>();
			for (const [n, account, stored] of this.#selectAcknowledged.all(log.n)) {
				const acked = this.#cache.acknowledged.get(n)?.acked ?? stored;
				if (acked > (furthest.get(account) ?? 0)) furthest.set(account, acked);
			}
			return [...furthest]
				.sort(([a], [b]) => (a < b ? -1 : 1))
				.map(([account, acked]) => ({ log: id, account, acked }));
		});
	}

	registers(logs: readonly LogId[]): readonly RegisterRow[] {
		return [...new Set(logs)].sort().flatMap((id) => {
			const log = this.#cache.findByName(id);
			return log === undefined ? [] : this.#selectRegisters.all(log.n).map((row) => ({ log: id, ...row }));
		});
	}

	olderThan(timeMs: number, limit: number): readonly { readonly log: LogId; readonly upTo: number }[] {
		// Only the tables are indexed by age. This is asked by a job, now and then.
		this.#settler.settleAll();
		return this.#selectOld.all(timeMs, limit).map(([n, log, trimmed, head]) => {
			for (const position of this.#positions.after(n, trimmed)) {
				if (position.timeMs >= timeMs) return { log, upTo: position.seq - 1 };
			}
			return { log, upTo: head };
		});
	}

	conversationsOf(account: AccountId): readonly ConversationId[] {
		return this.#selectConversations.all(bytes(account));
	}

	#page(log: CachedLog, after: number, limits: ReadLimits): Buffer[] {
		const page: Buffer[] = [];
		let size = 0;
		for (const record of this.#recordsAfter(log, after)) {
			size += bodyBytes(record);
			if (page.length > 0 && (page.length >= limits.entries || size > limits.bytes)) break;
			page.push(record);
		}
		return page;
	}

	*#recordsAfter(log: CachedLog, after: number): Generator<Buffer> {
		for (const n of this.#entriesAfter(log, after)) {
			const record = this.#selectEntry.get(n);
			if (record !== undefined) yield record;
		}
	}

	*#entriesAfter(log: CachedLog, after: number): Generator<number> {
		for (const { n } of this.#positions.after(log.n, after)) yield n;
		for (const { n } of log.tail.slice(Math.max(0, after + 1 - log.tailFrom))) yield n;
	}

	#sendersOf(log: CachedLog): SenderRow[] {
		const rows = this.#senders.readAll(log.n);
		for (const [device, row] of log.senders) rows.set(device, row);
		return [...rows]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([device, row]) => ({
				device: device as DeviceId,
				lastClientSeq: row.lastClientSeq,
				answers: row.answers(),
			}));
	}

	#withHead(row: SubscriptionRow): UnreadLog {
		const { head, trimmed } = this.#cache.peek(row.logNumber) ?? row;
		return { ...this.#toSubscription(row), head, trimmed };
	}

	#toSubscription({ log, device, account, leaf, role, from, floor, until, ...row }: SubscriptionRow): Subscription {
		const acked = this.#cache.acknowledged.get(row.n)?.acked ?? row.acked;
		return { log, device, account, leaf: leaf ?? undefined, role, from, acked, floor, until: until ?? undefined };
	}
}

function toGroup({ tree, pendingRemovals, ...row }: GroupRow): GroupRecord {
	const devices: DeviceId[] = [];
	for (let at = 0; at < pendingRemovals.length; at += ID_BYTES) {
		devices.push(pendingRemovals.toString("hex", at, at + ID_BYTES) as DeviceId);
	}
	return { ...row, tree: tree as BlobId, pendingRemovals: devices };
}

function bodyBytes(record: Uint8Array): number {
	const from = ByteReader.over(record);
	readNumbers(from);
	return from.varint();
}

function bytes(id: string): Buffer {
	return Buffer.from(id, "hex");
}
