/** What is stored of how people may be found. Times are UTC milliseconds. */
import type { AccountId } from "@troth/protocol";

export interface FindingTables {
	findable: FindableTable;
	findable_contact: FindableContactTable;
	username: UsernameTable;
	released_username: ReleasedUsernameTable;
	contact_link: ContactLinkTable;
}

/** Who may find an account by number; without a row, everyone. */
export interface FindableTable {
	account_id: AccountId;
	by_number: "contacts" | "nobody";
}

/** Whom an account named as its contacts, as long as these are the ones who may find it. */
export interface FindableContactTable {
	account_id: AccountId;
	contact_id: AccountId;
}

export interface UsernameTable {
	account_id: AccountId;
	/** Lower case. Unique. */
	name: string;
	/** HMAC of the name: what is left of it when it is given up. */
	name_mac: string;
	claimed_at_ms: number;
}

/** A username that was given up, until it is free for others. */
export interface ReleasedUsernameTable {
	name_mac: string;
	/** Who may take it back; null once the account is gone. */
	account_id: AccountId | null;
	free_at_ms: number;
}

export interface ContactLinkTable {
	account_id: AccountId;
	/** SHA-256 of the token, hex. Unique. */
	token_digest: string;
	made_at_ms: number;
}
