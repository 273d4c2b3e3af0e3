/**
 * What the service beside a host application keeps: who is who there, which browsers speak for them, and consent. No
 * number and no other fact about a person is in here. Times are UTC milliseconds, ids lower-case hex.
 */
import type { AccountId, DeviceId } from "@troth/protocol";
import type { ColumnType } from "kysely";
import type { DeliveryDaysTables } from "../../consent/delivery-days.ts";
import type { ConsentTables } from "../../consent/tables.ts";
import type { UsageSumsTables } from "../../consent/usage-sums.ts";

/** Bytes go in as any Uint8Array and come out as one. */
type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;

export interface BesideRecords extends ConsentTables, DeliveryDaysTables, UsageSumsTables {
	person: PersonTable;
	browser: BrowserTable;
	session: SessionTable;
	known_fact: KnownFactTable;
	said_word: SaidWordTable;
	objection: ObjectionTable;
}

/** A person of the host, and the account under which consent is kept here. Starting anew gives another account. */
export interface PersonTable {
	/** The host's own id of the person, as its tokens have it. */
	host_id: string;
	/** Random: neither recipients nor the log ever see the host's id, or this. */
	account_id: AccountId;
	/** Names the secret that this account's grants are signed with (16 bytes, hex); null before the first grant. */
	consent_root: string | null;
	created_at_ms: number;
}

/** A browser that signs for an account, with a key of its own. */
export interface BrowserTable {
	device_id: DeviceId;
	account_id: AccountId;
	public_key: Bytes;
	created_at_ms: number;
}

export interface SessionTable {
	/** SHA-256 of the session's token, hex. */
	token_digest: string;
	account_id: AccountId;
	device_id: DeviceId;
	/** What this browser would sign grants with; as `person.consent_root`. */
	consent_root: string;
	expires_at_ms: number;
}

/** By what the sweep sees that a fact is another one. A keyed digest: the fact itself is never stored. */
export interface KnownFactTable {
	account_id: AccountId;
	/** HMAC-SHA256 under the account's share key, hex. */
	digest: string;
}

/** What was last said of somebody for a purpose that asks nobody, and was not taken back. */
export interface SaidWordTable {
	account_id: AccountId;
	purpose: string;
	/** Of its rows in the outbox: of use the UTC day, of actions milliseconds. */
	generation: number;
	/** HMAC-SHA256 of the words and of what was said, under the account's share key, hex; empty for use. */
	digest: string;
}

/** Somebody objected to a label: nobody is told of it until the host has looked at it, and it is told to the host. */
export interface ObjectionTable {
	account_id: AccountId;
	purpose: string;
	/** Of the label, by which it is known again: an objection to another one is another objection. As in `known_fact`. */
	digest: string;
	objected_at_ms: number;
	/** When the host took it; null until then. */
	heard_at_ms: number | null;
	/** When the host said that the label stands; null until then. */
	kept_at_ms: number | null;
}
