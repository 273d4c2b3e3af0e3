/**
 * What the services need from a store. Four ports, each with several implementations behind one conformance suite:
 * logs (delivery), records (relational rest), blobs (content-addressed bytes) and hints (wake-ups that may be lost).
 * Services import this file and the open functions of the door, never an engine.
 */
import type { AccountId, BlobId, ConversationId, DeviceId, EntryKind, LogId } from "@troth/protocol";

// ─── Logs ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One entry as it lies in the store. `body` is the encoded protobuf `Entry`: the same bytes go to every reader. */
export interface StoredEntry {
	readonly seq: number;
	readonly timeMs: number;
	readonly kind: EntryKind;
	/** Undefined for the server's own entries. Kept beside the body because blocked senders are skipped by it. */
	readonly senderAccount: AccountId | undefined;
	readonly body: Uint8Array;
}

/** Head of a log. A conversation log has an MLS part, a device log none. */
export interface LogRecord {
	readonly log: LogId;
	readonly head: number;
	/** Entries up to here are deleted. */
	readonly trimmed: number;
	readonly group: GroupRecord | undefined;
	readonly subscriptions: readonly Subscription[];
	readonly senders: readonly SenderRow[];
}

/** The delivery service's view of an MLS group (architecture section 5). */
export interface GroupRecord {
	readonly kind: "direct" | "group";
	readonly epoch: number;
	readonly groupInfo: Uint8Array;
	readonly tree: BlobId;
	readonly treeBytes: number;
	/** Devices whose leaves wait for the commit that removes them. */
	readonly pendingRemovals: readonly DeviceId[];
}

/** The entries a device may have (`from` < seq ≤ `until`) and those it has acknowledged. */
export interface Subscription {
	readonly log: LogId;
	readonly device: DeviceId;
	readonly account: AccountId;
	/** Undefined in a device's own log. */
	readonly leaf: number | undefined;
	readonly role: "member" | "admin";
	readonly from: number;
	readonly acked: number;
	/** Entries up to here are lost to this device alone (caps); a Gap says so. */
	readonly floor: number;
	/** Set when the device is removed: it gets nothing later than this. */
	readonly until: number | undefined;
}

/** A device's numbering in one log (hazard 16): the last accepted number and the answers of its last window. */
export interface SenderRow {
	readonly device: DeviceId;
	readonly lastClientSeq: number;
	/** Newest last, at most LIMITS.answersKept. */
	readonly answers: readonly Answer[];
}

export interface Answer {
	readonly clientSeq: number;
	/** First 16 bytes of SHA-256 over the payload, hex. */
	readonly digest: string;
	readonly seq: number;
	readonly timeMs: number;
}

/** How far an account has got in a log, on the device that has most of it. */
export interface LogProgress {
	readonly log: LogId;
	readonly account: AccountId;
	readonly acked: number;
}

/** The receipts register of one device in one log, latest wins (hazard 20). */
export interface RegisterRow {
	readonly log: LogId;
	readonly device: DeviceId;
	readonly sealed: Uint8Array;
	readonly version: number;
}

/**
 * One step of a transaction. Steps of one transaction apply in order, all or none. Every step but `create` fails with
 * LogMissing where its log does not exist.
 *
 * An ended subscription (`until` set) that has acknowledged everything up to its end is forgotten: it is in no answer
 * any more, and steps that name it change nothing.
 */
export type LogWrite =
	/** Fails with LogExists if the log or its alias is taken. `alias` makes the pair of a direct chat unique. */
	| {
			readonly kind: "create";
			readonly log: LogId;
			readonly group: Omit<GroupRecord, "pendingRemovals"> | undefined;
			readonly alias: string | undefined;
	  }
	/** Fails with LogMoved unless the head is `entry.seq - 1`: a stale owner never commits. */
	| {
			readonly kind: "append";
			readonly log: LogId;
			readonly entry: StoredEntry;
			readonly sender: SenderRow | undefined;
	  }
	/** Fails with LogMoved unless the group's epoch is `expected`. */
	| {
			readonly kind: "epoch";
			readonly log: LogId;
			readonly expected: number;
			readonly group: Pick<GroupRecord, "epoch" | "groupInfo" | "tree" | "treeBytes" | "pendingRemovals">;
	  }
	/** Replaces the list. Fails with LogMoved in a log without a group. */
	| { readonly kind: "pending-removals"; readonly log: LogId; readonly devices: readonly DeviceId[] }
	/** Stores the whole row, in place of an earlier one of this device in this log. */
	| { readonly kind: "subscribe"; readonly subscription: Subscription }
	/** An end that is already set only ever moves down. Nothing happens where the device has no subscription. */
	| {
			readonly kind: "unsubscribe";
			readonly log: LogId;
			readonly device: DeviceId;
			readonly until: number;
	  }
	/** Cumulative; a lower value than the stored one changes nothing. */
	| { readonly kind: "acknowledge"; readonly log: LogId; readonly device: DeviceId; readonly seq: number }
	/** A lower value than the stored one changes nothing. */
	| { readonly kind: "floor"; readonly log: LogId; readonly device: DeviceId; readonly floor: number }
	/** Deletes entries up to `upTo`, at most up to the head; `trimmed` becomes that, and never goes back. */
	| { readonly kind: "trim"; readonly log: LogId; readonly upTo: number }
	/** A version that is not above the stored one changes nothing: the latest wins, in whatever order they come. */
	| { readonly kind: "register"; readonly row: RegisterRow };

/** A log with something for this device, found at attach by one indexed join (hazard 17). */
export interface UnreadLog extends Subscription {
	readonly head: number;
	readonly trimmed: number;
}

/** Why a write was not made. Nothing of its transaction is stored. */
export type StoreErrorCode =
	/** The log or alias exists; `existing` names the log. */
	| "LogExists"
	/** Head or epoch is not what the writer assumed: it works on a stale copy and must load again. */
	| "LogMoved"
	/** No such log. */
	| "LogMissing"
	/** Disk full. */
	| "StoreFull"
	/** A value that must be unique is taken. Records only. */
	| "Conflict"
	/** Any other failure of the engine, or the store is closed. */
	| "StoreFailed";

export class StoreError extends Error {
	override readonly name = "StoreError";
	readonly code: StoreErrorCode;
	readonly existing: LogId | undefined;
	constructor(code: StoreErrorCode, message: string, options: { cause?: unknown; existing?: LogId } = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.code = code;
		this.existing = options.existing;
	}
}

/**
 * Answers come in a defined order: subscriptions and registers by log, then device; progress by log, then account; logs
 * by id. A call sees every
 * write that was called before it on the same store, and nothing of a write that failed.
 */
export interface LogStore extends AsyncDisposable {
	/** Grows when the store comes back from a backup (hazard 21); cursors carry it. Starts at 1. */
	readonly generation: number;
	/**
	 * Makes all steps durable in one transaction, or none. Resolves only after the bytes are synced to the disk.
	 * Transactions that wait at the same time share one commit; each still succeeds or fails alone where its own
	 * steps conflict. Rejects with StoreError.
	 */
	write(steps: readonly LogWrite[]): Promise<void>;
	/** The whole state of one log, for its owner to keep in memory. */
	load(log: LogId): Promise<LogRecord | undefined>;
	/** The heads of many logs in one question; a log that does not exist is not in the answer. */
	heads(logs: readonly LogId[]): Promise<ReadonlyMap<LogId, number>>;
	findByAlias(alias: string): Promise<LogId | undefined>;
	/** Every subscription of a device, ended ones included until they are acknowledged. */
	subscriptionsOf(device: DeviceId): Promise<readonly UnreadLog[]>;
	/** Those with something left: the higher of `from` and `acked` is below the head, or below `until` where it ends earlier. */
	unreadOf(device: DeviceId): Promise<readonly UnreadLog[]>;
	/** Entries with after < seq, ascending; at least one if there is any, then up to both limits (bytes of bodies). */
	read(
		log: LogId,
		after: number,
		limits: { readonly entries: number; readonly bytes: number },
	): Promise<readonly StoredEntry[]>;
	/** How far each account has got in these logs: the furthest of its devices. Accounts that have nothing are left out. */
	progressOf(logs: readonly LogId[]): Promise<readonly LogProgress[]>;
	/** The registers of all devices in these logs. */
	registers(logs: readonly LogId[]): Promise<readonly RegisterRow[]>;
	/**
	 * Logs whose oldest kept entry is older than this, for the retention job, the longest overdue first. `upTo`: the
	 * last entry before the first one that is not older.
	 */
	olderThan(timeMs: number, limit: number): Promise<readonly { readonly log: LogId; readonly upTo: number }[]>;
	/** Logs with a group in which a device of this account has a subscription without an end. */
	conversationsOf(account: AccountId): Promise<readonly ConversationId[]>;
	/** When it resolves, nothing that was deleted or replaced before is left in the store's files. */
	checkpoint(): Promise<void>;
	/**
	 * Makes a copy in a new file at this path, as the store is when it resolves; writing goes on meanwhile. Rejects with
	 * StoreError: StoreFailed where there is no file to copy, or the path can not be written.
	 */
	copyTo(path: string): Promise<void>;
}

// ─── Blobs ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Content-addressed bytes. Putting the same bytes twice is one blob. */
export interface BlobStore extends AsyncDisposable {
	/** Durable when it resolves. */
	put(bytes: Uint8Array): Promise<BlobId>;
	get(id: BlobId): Promise<Uint8Array | undefined>;
	delete(id: BlobId): Promise<void>;
}

// ─── Hints ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Wake-ups between nodes. Every one may be lost, repeated or late: the store is the truth. */
export interface HintBus extends AsyncDisposable {
	publish(topic: string, payload: Uint8Array): void;
	subscribe(topic: string, listener: (payload: Uint8Array) => void): () => void;
}
