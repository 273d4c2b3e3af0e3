/**
 * What the door may see of the messenger's records: these queries and no others, on a connection of its own that never
 * writes. It has no query for messages, contacts, devices or anybody's number but through the view of a purpose that
 * the person said yes to.
 */
import { type AccountId, CATALOGUE, type FieldsOf, type Purpose } from "@troth/protocol";
import { openRecords, type RecordsAt } from "@troth/storage";
import type { Kysely } from "kysely";
import { readStanding, type StoredStanding } from "../../consent/standing.ts";
import type { ConsentTables, ShareOutboxRow } from "../../consent/tables.ts";

/** A row of a purpose's view: only people with a live yes are in it, only with that purpose's fields. */
export interface ShareViewRow<P extends Purpose> {
	readonly generation: number;
	readonly purposeHash: Uint8Array;
	/** Null where there is nothing to share under this field. */
	readonly values: { readonly [field in FieldsOf<P>]?: string | null };
}

/** Purposes that have a view; the residual ones get theirs with their issue. */
const VIEWS = {
	friend_suggestions: "share_friend_suggestions",
	relevant_ads: "share_relevant_ads",
	account_linking: "share_account_linking",
} as const satisfies { readonly [purpose in Purpose]?: keyof ConsentTables };

export type SharedPurpose = keyof typeof VIEWS;

/** Does the door know how to share for this purpose? */
export function isShared(purpose: string): purpose is SharedPurpose {
	return Object.hasOwn(VIEWS, purpose);
}

export class ShareSource {
	readonly #db: Kysely<ConsentTables>;

	/** @param db the messenger's records; the caller destroys it. */
	constructor(db: Kysely<ConsentTables>) {
		this.#db = db;
	}

	/** Rows of the outbox behind this one, in order, at most `limit`. */
	outboxAfter(id: number, limit: number): Promise<ShareOutboxRow[]> {
		return this.#db.selectFrom("share_outbox").selectAll().where("id", ">", id).orderBy("id").limit(limit).execute();
	}

	/** Id of the newest row of the outbox; 0 where it is empty. */
	async newestOutboxId(): Promise<number> {
		const row = await this.#db
			.selectFrom("share_outbox")
			.select("id")
			.orderBy("id", "desc")
			.limit(1)
			.executeTakeFirst();
		return row?.id ?? 0;
	}

	/** The account's share key; undefined where there is none (any more): the account is gone. */
	async shareKey(account: AccountId): Promise<Uint8Array | undefined> {
		const row = await this.#db
			.selectFrom("share_key")
			.select("share_key")
			.where("account_id", "=", account)
			.executeTakeFirst();
		return row?.share_key;
	}

	/** The policies that were published after this version, oldest first, with their signatures. */
	policiesAfter(version: number) {
		return this.#db.selectFrom("terms_version").selectAll().where("version", ">", version).orderBy("version").execute();
	}

	/** Where the person stands, and their choices. */
	standing(account: AccountId): Promise<StoredStanding> {
		return readStanding(this.#db, account);
	}

	/** The yes as the device signed it for this recipient. */
	grant(account: AccountId, purpose: Purpose, recipient: string, generation: number) {
		return this.#db
			.selectFrom("consent_grant")
			.select(["statement", "signature"])
			.where("account_id", "=", account)
			.where("purpose", "=", purpose)
			.where("recipient", "=", recipient)
			.where("generation", "=", generation)
			.executeTakeFirst();
	}

	/** What may be shared about this account for this purpose; undefined where no yes stands. */
	async values<P extends SharedPurpose>(account: AccountId, purpose: P): Promise<ShareViewRow<P> | undefined> {
		const row = await this.#db
			// One of them stands for all: only its first three columns are taken by name.
			.selectFrom(VIEWS[purpose] as "share_friend_suggestions")
			.selectAll()
			.where("account_id", "=", account)
			.executeTakeFirst();
		if (row === undefined) return undefined;
		const columns = row as unknown as Readonly<Record<string, string | null>>;
		const fields: readonly string[] = CATALOGUE[purpose].fields;
		const values = Object.fromEntries(fields.map((field) => [field, columns[field]]));
		return { generation: row.generation, purposeHash: row.purpose_hash, values: values as ShareViewRow<P>["values"] };
	}
}

/** The messenger's records on a connection of the door's own. The caller destroys it. Rejects with StoreError. */
export function openSource(at: RecordsAt): Promise<Kysely<ConsentTables>> {
	return openRecords<ConsentTables>(at);
}
