/** Tables of the messenger's records that only businesses concern. Times are UTC milliseconds, ids lower-case hex. */
import type { AccountId, BusinessCategory, LogId } from "@troth/protocol";
import type { ColumnType, GeneratedAlways } from "kysely";

type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;

export interface BusinessTables {
	business: BusinessTable;
	business_preference: BusinessPreferenceTable;
	business_preference_event: BusinessPreferenceEventTable;
	business_template: BusinessTemplateTable;
	business_window: BusinessWindowTable;
}

/** An account that the operator approved as a business. */
interface BusinessTable {
	account_id: AccountId;
	name: string;
	approved_at_ms: number;
}

/** The newest decision of a person about one business and category. */
export interface BusinessPreferenceTable {
	account_id: AccountId;
	business_id: AccountId;
	category: BusinessCategory;
	permission: "unset" | "allowed" | "stopped";
	/** First 16 bytes of SHA-256 of the statement, hex. */
	consent_id: string;
	/** The device's time, as it signed it. */
	decided_at_ms: number;
	statement: Bytes;
	signature: Bytes;
}

/** Every decision as it was signed: evidence, never changed. */
interface BusinessPreferenceEventTable {
	event_id: GeneratedAlways<number>;
	account_id: AccountId;
	statement: Bytes;
	signature: Bytes;
	recorded_at_ms: number;
}

/** One version of a template; never changed. */
export interface BusinessTemplateTable {
	business_id: AccountId;
	/** Decimal digits. */
	template_id: string;
	version: number;
	name: string;
	language: string;
	category: BusinessCategory;
	body: string;
	registered_at_ms: number;
}

/**
 * When a person last wrote in a conversation with a business. The log itself forgets entries that everybody has, and
 * the customer service window lasts longer than that.
 */
interface BusinessWindowTable {
	log: LogId;
	account_id: AccountId;
	wrote_at_ms: number;
}
