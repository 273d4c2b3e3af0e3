/**
 * What the door keeps for itself: how far it has read, whose chains it continues, every leaf it ever wrote, and what
 * became of every share. Values of fields are not here. Times are UTC milliseconds, ids lower-case hex.
 */
import type { AccountId, Purpose } from "@troth/protocol";
import type { ColumnType, Generated, Selectable } from "kysely";
import type { ProvedOutcome } from "../delivery/receipt.ts";

/** Bytes go in as any Uint8Array and come out as one. */
type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;

export interface DoorRecords {
	position: PositionTable;
	chain: ChainTable;
	leaf: LeafTable;
	policy: PolicyTable;
	share: ShareTable;
	published_value: PublishedValueTable;
	deferred: DeferredTable;
	recipient: RecipientTable;
	share_tally: ShareTallyTable;
	published_figures: PublishedFiguresTable;
	returned_label: ReturnedLabelTable;
	label_version: LabelVersionTable;
}

/** One row: the last row of the outbox that is dealt with. */
export interface PositionTable {
	id: 1;
	outbox_id: number;
	/** What that row was (`source/continuity.ts`); null before the first one. */
	outbox_mark: string | null;
}

/** A copy of the share key, because the recall of a deleted account still needs it. Gone when nothing is open. */
export interface ChainTable {
	account_id: AccountId;
	share_key: Bytes;
	/** Dense from 1. */
	next_n: number;
}

/** The log as it must be: whatever lies in the tiles follows from these rows. */
export interface LeafTable {
	leaf_index: number;
	bytes: Bytes;
}

/** The policies that records were made under: a recall has to be verifiable without the messenger's records. */
export interface PolicyTable {
	/** SHA-256 of `policy`, 64 hex digits. */
	policy_hash: string;
	/** Canonical JSON. */
	policy: string;
	/** By the policy key. */
	signature: Bytes;
}

/**
 * `logged`: to be sent. `answered`: the recipient's receipt stands in `receipt`. `withheld`: the consent ended before it
 * was ever sent. `overtaken`: it was sent without an answer, then the consent ended.
 */
export type ShareStateName = "logged" | "answered" | "withheld" | "overtaken";

export type ShareOutcome = ProvedOutcome | "refused";

export interface ShareTable {
	/** In the order in which the records were made. */
	id: Generated<number>;
	account_id: AccountId;
	n: number;
	leaf_index: number;
	kind: "share" | "recall";
	recipient: string;
	/** As the record names whom it is about, 32 hex digits. */
	subject: string;
	purpose: Purpose;
	generation: number;
	/** Canonical JSON of the record. */
	record: string;
	/** The context of its leaf. */
	context: Bytes;
	state: ShareStateName;
	/** Grows before each attempt to send it. */
	attempts: number;
	next_at_ms: number;
	/** What the recipient's receipt says it did; null while there is none. */
	outcome: ShareOutcome | null;
	/** `ItemReceipt`, encoded; null while there is none. */
	receipt: ColumnType<Uint8Array | null, Uint8Array | null, Uint8Array | null>;
	answered_at_ms: number | null;
	/** Recalls: when the person decided; null for shares. */
	asked_at_ms: number | null;
}

/** Rows of `share`, counted by triggers: what became of how many, also of those that are forgotten since. */
export interface ShareTallyTable {
	purpose: Purpose;
	recipient: string;
	kind: "share" | "recall";
	/** The recipient's outcome, or the state where there is none. */
	fate: ShareOutcome | Exclude<ShareStateName, "answered">;
	count: number;
}

/** What the public was told on a day, so that it hears the same all day. */
export interface PublishedFiguresTable {
	/** UTC, "2026-11-22". */
	day: string;
	/** JSON. */
	figures: string;
}

/** What was said of nobody: the only values that the door keeps, because everybody may read them. */
export interface PublishedValueTable {
	leaf_index: number;
	/** JSON: the value of each field. */
	value_list: string;
}

/** A share that may not flow yet, or has to be recorded again: tried when its time has come. */
export interface DeferredTable {
	id: Generated<number>;
	account_id: AccountId;
	purpose: Purpose;
	recipient: string;
	generation: number;
	due_at_ms: number;
}

/** How a recipient that does not answer is waited for. */
export interface RecipientTable {
	recipient: string;
	/** Requests in a row that failed as a whole. */
	failures: number;
	next_at_ms: number;
}

/** What a recipient says of a number now. Whose it is, the door does not know. */
export interface ReturnedLabelTable {
	recipient: string;
	/** The number's name between the two, 32 hex digits. */
	subject: string;
	label: string;
	score_class: string;
	since_ms: number;
	until_ms: number;
}

/** One row: grows with every change of the labels. */
interface LabelVersionTable {
	id: number;
	version: number;
}

export type ShareRow = Selectable<ShareTable>;
