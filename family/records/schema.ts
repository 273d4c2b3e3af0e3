/**
 * The company's relational records. Times are UTC milliseconds, ids lower-case hex, `_digest` SHA-256 hex, `_tag` keyed
 * tags of `keys.ts`. No column holds a phone number: tags and the last two digits is all that is ever written.
 */
import type { ColumnType, Generated, Selectable } from "kysely";
import type { AbuseRecords } from "../abuse/tables.ts";
import type { AdsRecords } from "../ads/tables.ts";
import type { MetricsRecords } from "../metrics/tables.ts";
import type { PersonId } from "../people/person.ts";

/** Bytes go in as any Uint8Array and come out as one. */
export type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;
/** 0 or 1. */
export type Flag = ColumnType<number, boolean | number, boolean | number>;

/** All tables: each part of the company brings its own. */
export type Records = PeopleRecords & AbuseRecords & AdsRecords & MetricsRecords;

export interface PeopleRecords {
	person: PersonTable;
	session: SessionTable;
	log_in_failure: LogInFailureTable;
	verified_phone: VerifiedPhoneTable;
	friend_request: FriendRequestTable;
	friendship: FriendshipTable;
	post: PostTable;
	address_entry: AddressEntryTable;
	kept_out: KeptOutTable;
	link_nonce: LinkNonceTable;
	account_link: AccountLinkTable;
	consent_pin: ConsentPinTable;
	high_water: HighWaterTable;
	shared_item: SharedItemTable;
	match_key: MatchKeyTable;
	suggestion_edge: SuggestionEdgeTable;
}

export interface PersonTable {
	person_id: PersonId;
	/** Lower case; unique. */
	email: string;
	name: string;
	birth_year: number;
	password_salt: Bytes;
	/** scrypt. */
	password_hash: Bytes;
	created_at_ms: number;
	/** May others be told "you may know …" about this person? */
	suggest_me: Flag;
	/** Does this person want to be told? */
	suggest_to_me: Flag;
}

export interface SessionTable {
	token_digest: string;
	person_id: PersonId;
	created_at_ms: number;
	expires_at_ms: number;
}

/** One row per wrong password, for the limit per account. */
export interface LogInFailureTable {
	/** Keyed tag of the address that was tried, known here or not. */
	email_tag: Bytes;
	at_ms: number;
}

/** The number that a person has shown to be theirs. A number that is only claimed is nowhere in here. */
export interface VerifiedPhoneTable {
	person_id: PersonId;
	/** Unique: who verified a number last has it. */
	people_tag: Bytes;
	book_tag: Bytes;
	list_tag: Bytes;
	last_two: string;
	/** Its pseudonym between this company and the messenger's bridge, 32 hex digits; null where they agreed on no key. */
	pair_name: string | null;
	verified_at_ms: number;
}

export interface FriendRequestTable {
	from_person_id: PersonId;
	to_person_id: PersonId;
	at_ms: number;
}

/** Two rows a friendship, one for each side. */
export interface FriendshipTable {
	person_id: PersonId;
	friend_id: PersonId;
	since_ms: number;
}

export interface PostTable {
	post_id: Generated<number>;
	person_id: PersonId;
	text: string;
	at_ms: number;
}

export interface AddressEntryTable {
	person_id: PersonId;
	book_tag: Bytes;
	uploaded_at_ms: number;
	expires_at_ms: number;
}

/** Numbers whose owners want to be in nobody's address book here. */
export interface KeptOutTable {
	kept_out_tag: Bytes;
	at_ms: number;
}

export interface LinkNonceTable {
	nonce_digest: string;
	person_id: PersonId;
	expires_at_ms: number;
}

/** The one stored link between an account elsewhere and one here: only by `account_linking` (hazard 32). */
export interface AccountLinkTable {
	subject: string;
	/** Unique: one account there, one here. */
	person_id: PersonId;
	linked_at_ms: number;
}

/** The consent key a subject first came with; no other is taken. Kept for ever, with the tombstones. */
export interface ConsentPinTable {
	subject: string;
	consent_key: Bytes;
}

/** What was recalled: this generation and every one before it. Kept for ever. */
export interface HighWaterTable {
	subject: string;
	purpose: string;
	generation: number;
}

/** One kept share: what it says beside a number. Its number lives on in `match_key` only, as a tag. */
export interface SharedItemTable {
	subject: string;
	purpose: string;
	generation: number;
	person_id: PersonId;
	/** How it found the account: it has to go when that ends. */
	attached_by: "number" | "link";
	policy_hash: string;
	purpose_hash: string;
	/** Of the ConsentGrant statement. */
	grant_hash: string;
	policy_version: number;
	/** The purpose's title in the words the policy gave the person. */
	purpose_title: string;
	device_type: string | null;
	os: string | null;
	app_version: string | null;
	received_at_ms: number;
	expires_at_ms: number;
}

/** A number that may be used for one purpose of one person's. */
export interface MatchKeyTable {
	match_key_id: string;
	person_id: PersonId;
	purpose: "friend_suggestions" | "relevant_ads";
	source: "self" | "share";
	/** `share` only; empty otherwise. */
	subject: string;
	/** 0 where the source is `self`. */
	generation: number;
	/** The policy that a share came under, 64 hex digits; empty where the source is `self`. */
	policy_hash: string;
	/** By purpose: the tag address books are compared with, or the one lists are. */
	tag: Bytes;
	since_ms: number;
}

/** Derived: `viewer_id` may be told about `other_id`. Goes with either of the two keys. */
export interface SuggestionEdgeTable {
	viewer_id: PersonId;
	other_id: PersonId;
	viewer_key_id: string;
	other_key_id: string;
	since_ms: number;
}

export type SharedItemRow = Selectable<SharedItemTable>;
export type ConsentPinRow = Selectable<ConsentPinTable>;
export type MatchKeyRow = Selectable<MatchKeyTable>;
