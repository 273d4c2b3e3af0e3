/**
 * Where everything of a device lies in its local store. A key carries the type of its value, so that what is written
 * under a key is what is read from it.
 */
import type { AccountId, ConversationId, DeviceId, LogId, MessageId } from "@troth/protocol";
import type { ArchiveProgress } from "../archive/progress.ts";
import type { TemplateView } from "../device/business-api.ts";
import type { AccountEnding } from "../device/sharing-api.ts";
import type {
	ArchivedRecord,
	CameInRecord,
	DevicesSeenRecord,
	HistoryRecord,
	JoiningRecord,
	LinkRecord,
	OwnNoteRecord,
} from "./linking-records.ts";
import type {
	AccountRecord,
	ContactRecord,
	ConversationRecord,
	ExporterRecord,
	FindingRecord,
	KeyPackageRecord,
	LogRecord,
	MessageRecord,
	NumberChangeRecord,
	OutboxRecord,
	PendingCommitRecord,
	PresenceRecord,
	ProfileRecord,
	RegistrationRecord,
	SecretsRecord,
} from "./records.ts";
import type { DecisionRecord, NoticeRecord, TrustRecord } from "./sharing-records.ts";

declare const recordOf: unique symbol;
/** A key whose value is this record, as JSON. */
export type RecordKey<T> = string & { readonly [recordOf]: T };

const record = <T>(path: string) => path as RecordKey<T>;

/** Numbers inside keys have this many digits: text order is then numeric order. */
const DIGITS = 12;

/** A number as it stands in keys. */
export function orderKey(order: number): string {
	return order.toString().padStart(DIGITS, "0");
}

/** The half-open range of all keys that begin with `prefix`. Keys are ASCII without `~`. */
export function within(prefix: string): readonly [from: string, to: string] {
	return [prefix, `${prefix}~`];
}

/** The conversation that an outbox key belongs to. */
export function outboxOwner(key: string): ConversationId {
	return (key.split("/")[1] ?? "") as ConversationId;
}

export const KEYS = {
	profile: record<ProfileRecord>("profile"),
	secrets: record<SecretsRecord>("secrets"),
	registrations: "registration/",
	registration: (attempt: string) => record<RegistrationRecord>(`registration/${attempt}`),
	numberChanges: "number-change/",
	numberChange: (attempt: string) => record<NumberChangeRecord>(`number-change/${attempt}`),

	/** This device's own way into an account that exists. */
	joining: record<JoiningRecord>("joining"),
	links: "link/",
	link: (id: string) => record<LinkRecord>(`link/${id}`),
	historiesToSend: "history-to-send/",
	historyToSend: (archive: string) => record<HistoryRecord>(`history-to-send/${archive}`),
	historyToTake: record<HistoryRecord>("history-to-take"),
	ownNotes: "own-note/",
	ownNote: (facet: string) => record<OwnNoteRecord>(`own-note/${facet}`),
	cameIns: "came-in/",
	cameIn: (id: ConversationId) => record<CameInRecord>(`came-in/${id}`),
	archivedUpTo: (id: ConversationId) => record<ArchivedRecord>(`archived-up-to/${id}`),
	/** Of the last note that this device told, and of the last that came from each other device of the account. */
	ownNoteNumber: record<number>("own-note-number"),
	ownNotesTaken: record<Readonly<Record<DeviceId, number>>>("own-notes-taken"),
	devicesSeen: record<DevicesSeenRecord>("devices-seen"),

	accounts: "account/",
	account: (id: AccountId) => record<AccountRecord>(`account/${id}`),
	/** By number. */
	contacts: "contact/",
	contact: (phone: string) => record<ContactRecord>(`contact/${phone}`),
	finding: record<FindingRecord>("finding"),
	conversations: "conversation/",
	conversation: (id: ConversationId) => record<ConversationRecord>(`conversation/${id}`),
	logs: "log/",
	log: (id: LogId) => record<LogRecord>(`log/${id}`),
	/** 33 bytes: 1 and the running hash, or 0 and the digest while the hash is not known yet. */
	logHash: (id: LogId, seq: number) => `log-hash/${id}/${orderKey(seq)}`,

	keyPackages: "key-package/",
	keyPackage: (ref: string) => record<KeyPackageRecord>(`key-package/${ref}`),
	keyPackageSecret: (ref: string) => `key-package-secret/${ref}`,

	groupTree: (id: ConversationId) => `group-tree/${id}`,
	groupState: (id: ConversationId) => `group-state/${id}`,
	exportersPrefix: "exporters/",
	exporters: (id: ConversationId) => record<ExporterRecord>(`exporters/${id}`),
	pendingCommits: "pending-commit/",
	pendingCommit: (id: ConversationId) => record<PendingCommitRecord>(`pending-commit/${id}`),
	pendingRequest: (id: ConversationId) => `pending-request/${id}`,
	pendingTree: (id: ConversationId) => `pending-tree/${id}`,
	pendingState: (id: ConversationId) => `pending-state/${id}`,

	messages: (id: ConversationId) => `message/${id}/`,
	message: (id: ConversationId, key: string) => record<MessageRecord>(`message/${id}/${key}`),
	/** The row key of the message with this id. */
	messageKey: (id: ConversationId, message: MessageId) => record<string>(`message-key/${id}/${message}`),

	/** By business, id and version; a version never changes. */
	template: (address: string) => record<TemplateView>(`template/${address}`),

	outboxes: "outbox/",
	outboxOf: (id: ConversationId) => `outbox/${id}/`,
	outbox: (id: ConversationId, key: string) => record<OutboxRecord>(`outbox/${id}/${key}`),
	outboxBytes: (id: ConversationId, key: string) => `outbox-bytes/${id}/${key}`,
	/** The outbox row that was encrypted under this number. */
	outboxNumber: (id: ConversationId, clientSeq: number) => record<string>(`outbox-number/${id}/${orderKey(clientSeq)}`),

	/** The id of a picture (32 bytes; zeros for one of the own that lies nowhere else) and the picture, of the person who shows it. */
	picture: (account: AccountId) => `picture/${account}`,
	/** Somebody was blocked, and the own picture is not sealed without them yet. */
	shutOuts: "shut-out/",
	shutOut: (account: AccountId) => record<true>(`shut-out/${account}`),
	/** True while what the server says of the own account was not asked for after it changed. */
	accountStale: record<true>("account-stale"),

	trust: record<TrustRecord>("trust"),
	notice: record<NoticeRecord>("notice"),
	/** What the server warned of while no device was here. */
	accountEnding: record<AccountEnding>("account-ending"),
	/** How far this archive was taken; by the hex of its salt. */
	archiveTaken: (id: string) => record<ArchiveProgress>(`archive-taken/${id}`),
	/** What this device knows of the account's own choice. */
	presence: record<PresenceRecord>("presence"),
	decisions: "decision/",
	decision: (key: string) => record<DecisionRecord>(`decision/${key}`),
} as const;
