/**
 * The tables of consent, which live in the records store of whoever keeps the accounts: a decision, its evidence and
 * what has to be done about it are one transaction there (`docs/adr/0006`). The door reads them and never writes.
 * Times are UTC milliseconds, account ids lower-case hex, `event_id` 32 hex digits.
 */
import type { AccountId } from "@troth/protocol";
import type { ColumnType, Generated, Kysely, Selectable, Transaction } from "kysely";

/** Bytes go in as any Uint8Array and come out as one. */
type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;

export interface ConsentTables {
	terms_version: TermsVersionTable;
	terms_narrowing: TermsNarrowingTable;
	terms_acceptance: TermsAcceptanceTable;
	notice_displayed: NoticeDisplayedTable;
	share_key: ShareKeyTable;
	standing: StandingTable;
	consent_choice: ConsentChoiceTable;
	consent_event: ConsentEventTable;
	consent_grant: ConsentGrantTable;
	device_facts: DeviceFactsTable;
	share_outbox: ShareOutboxTable;
	share_friend_suggestions: ShareFriendSuggestionsView;
	share_relevant_ads: ShareRelevantAdsView;
	share_account_linking: ShareAccountLinkingView;
	share_usage_metrics: ShareUsageMetricsView;
	share_infrastructure: ShareInfrastructureView;
	share_spam_and_abuse: ShareNumberPseudonymView<"label" | "score_class">;
	share_security: ShareNumberPseudonymView<"label" | "case_id">;
	share_infringement: ShareNumberPseudonymView<"label" | "case_id">;
}

/** A store that has these tables among others, inside or outside a transaction. */
export type ConsentRecords = Kysely<ConsentTables> | Transaction<ConsentTables>;

export interface TermsVersionTable {
	version: number;
	/** Canonical JSON of the policy file as it was published. */
	policy: string;
	published_at_ms: number;
	/** Ed25519 by the policy key over the label `policy` and `policy`. */
	signature: ColumnType<Uint8Array | null, Uint8Array | null, Uint8Array | null>;
}

/** A version that is held against what people agreed to before it, account after account. The row stays. */
export interface TermsNarrowingTable {
	version: number;
	/** The accounts up to this one are done. */
	after_account: AccountId | "";
	/** Accounts from which it took something away. */
	accounts: number;
	/** Answers that it ended. */
	yeses: number;
	/** Rows for the door. */
	recalls: number;
	begun_at_ms: number;
	ended_at_ms: number | null;
}

export interface TermsAcceptanceTable {
	account_id: AccountId;
	version: number;
	/** The `TermsAcceptance` as the device signed it: evidence. */
	statement: Bytes;
	signature: Bytes;
	accepted_at_ms: number;
}

/** Evidence: the first device that said its person was shown a version. */
export interface NoticeDisplayedTable {
	account_id: AccountId;
	version: number;
	/** The `NoticeDisplayed` as the device signed it. */
	statement: Bytes;
	signature: Bytes;
	displayed_at_ms: number;
}

/** 32 random bytes per account, shared with its devices (`transparency/shares`). The door copies what it still needs. */
export interface ShareKeyTable {
	account_id: AccountId;
	share_key: Bytes;
	created_at_ms: number;
}

/** One row per account, from its creation to its end (`bridge/lifecycle`). */
export interface StandingTable {
	account_id: AccountId;
	accepted_version: number | null;
	accepted_at_ms: number | null;
	/** JSON: by purpose, since when its words were agreed to, where that was with an earlier version; null for none. */
	agreed_at: Generated<string | null>;
	/** The newest version that was displayed and not accepted. */
	notice_version: number | null;
	notice_displayed_at_ms: number | null;
	deadline_ms: number | null;
	/** The latest time that was ever counted with: time never goes back. */
	time_ms: number;
	/** ISO 3166-1 alpha-2: of the phone number, and what the person says (B11). */
	number_region: string | null;
	declared_region: string | null;
	/** 1: they say that they are younger than the rules' age. */
	minor: Generated<number>;
}

export interface ConsentChoiceTable {
	account_id: AccountId;
	purpose: string;
	state: "granted" | "refused" | "withdrawn";
	/** What was decided upon. */
	purpose_hash: Bytes;
	/** The last generation that was granted. */
	generation: number;
	decided_at_ms: number;
	/** Empty where a yes ended without its person. */
	event_id: string;
	/** 1: the control of the last grant stood on before the person touched it. */
	shown_on: Generated<number>;
}

/** Evidence: a decision as the device signed it, and what the server answered. */
export interface ConsentEventTable {
	event_id: string;
	account_id: AccountId;
	statement: Bytes;
	signature: Bytes;
	receipt_statement: Bytes;
	receipt_signature: Bytes;
	recorded_at_ms: number;
}

/** What the recipient gets to see of a yes, as the device signed it. */
export interface ConsentGrantTable {
	account_id: AccountId;
	purpose: string;
	recipient: string;
	generation: number;
	statement: Bytes;
	signature: Bytes;
}

/** What the link statement said about the device it was made on; gone when the link is. */
export interface DeviceFactsTable {
	account_id: AccountId;
	/** The recipient's nonce, hex. */
	link_assertion: string;
	device_type: string;
	os: string;
	app_version: string;
	at_ms: number;
}

/** What the door has to do, in order. Only ever appended to. */
export interface ShareOutboxTable {
	id: Generated<number>;
	account_id: AccountId;
	kind: "share" | "recall";
	purpose: string;
	recipient: string;
	generation: number;
	created_at_ms: number;
}

interface ShareView {
	account_id: AccountId;
	generation: number;
	purpose_hash: Uint8Array;
}

export interface ShareFriendSuggestionsView extends ShareView {
	phone_number: string;
}

export interface ShareRelevantAdsView extends ShareView {
	phone_number: string;
	/** Null where no device is linked. */
	device_type: string | null;
	os: string | null;
}

export interface ShareAccountLinkingView extends ShareView {
	link_assertion: string;
	device_type: string;
	os: string;
	app_version: string;
}

/** Of purposes that ask nobody: one row for each thing that is to be said, under the generation of its outbox row. */
interface ResidualView {
	account_id: AccountId;
	generation: number;
}

export interface ShareUsageMetricsView extends ResidualView {
	/** "2026-11-22", UTC. */
	last_used_day: string;
	usage_class: "none" | "light" | "daily" | "heavy";
}

/** `account_id` is `INSTALLATION`, `generation` the day that is over: UTC days since 1970. */
export interface ShareInfrastructureView extends ResidualView {
	/** JSON. */
	counts: string;
}

/** `phone` is never shared: the name that the recipient gets follows from it. */
export type ShareNumberPseudonymView<Field extends string> = ResidualView & { phone: string } & {
	[field in Field]: string | null;
};

export type StandingRow = Selectable<StandingTable>;
export type ShareOutboxRow = Selectable<ShareOutboxTable>;
