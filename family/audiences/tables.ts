/**
 * The tables of lists. A row of a list is a keyed tag and nothing else: the SHA-256 that the advertiser sent, which
 * can be undone by trying all numbers, is stored nowhere.
 */
import type { Selectable } from "kysely";
import type { AdAccountId } from "../ads/tables.ts";
import type { PersonId } from "../people/person.ts";
import type { Bytes, Flag } from "../records/schema.ts";
import type { KeyKind } from "./payload.ts";

export interface AudienceRecords {
	audience: AudienceTable;
	audience_row: AudienceRowTable;
	audience_member: AudienceMemberTable;
	audience_batch: AudienceBatchTable;
	email_key: EmailKeyTable;
	list_key: ListKeyView;
}

export const FILE_SOURCES = ["USER_PROVIDED_ONLY", "PARTNER_PROVIDED_ONLY", "BOTH_USER_AND_PARTNER_PROVIDED"] as const;
/** Where the advertiser says the list comes from (D5). */
export const LIST_ORIGINS = ["own_customers", "warranty_cards", "partner"] as const;
/** On what the advertiser says it rests (GDPR article 6(1)). */
export const LIST_BASES = ["consent", "contract", "legitimate_interest"] as const;

export interface AudienceTable {
	audience_id: string;
	account_id: AdAccountId;
	name: string;
	description: string;
	customer_file_source: (typeof FILE_SOURCES)[number];
	list_origin: (typeof LIST_ORIGINS)[number] | null;
	list_basis: (typeof LIST_BASES)[number] | null;
	/** How long a row stays without being uploaded again. */
	retention_days: number;
	/** The last upload of rows. */
	uploaded_at_ms: number | null;
	/** The published size and whether it is enough to serve, as they were counted last. Null: never counted. */
	count_lower: number | null;
	count_upper: number | null;
	enough: Flag | null;
	counted_at_ms: number | null;
	created_at_ms: number;
	updated_at_ms: number;
}

/**
 * What the advertiser declared, kept for the list's retention whether or not anybody is found by it: a person who says
 * yes tomorrow has to be matched without a new upload, and a keyed tag tells nobody anything, us included.
 */
export interface AudienceRowTable {
	audience_id: string;
	tag: Bytes;
	expires_at_ms: number;
}

/** Derived: there while the person's key and the list's row both are, and gone in the transaction that ends either. */
export interface AudienceMemberTable {
	audience_id: string;
	person_id: PersonId;
	matched_by: KeyKind;
}

/** Numbered requests that were done, so that a repeat changes nothing. */
export interface AudienceBatchTable {
	audience_id: string;
	session_id: string;
	batch_seq: number;
	operation: "add" | "remove";
	/** Keyed, of all rows: the same numbers with other rows are no repeat. */
	rows_tag: Bytes;
	at_ms: number;
}

/** The log-in address of somebody who chose to be matched by it. */
export interface EmailKeyTable {
	person_id: PersonId;
	tag: Bytes;
}

/** A view: under which tags lists may find whom, at this moment. */
export interface ListKeyView {
	tag: Uint8Array;
	person_id: PersonId;
	matched_by: KeyKind;
}

export type AudienceRow = Selectable<AudienceTable>;
