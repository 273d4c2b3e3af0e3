/**
 * What the door may see of the messenger's records: these queries and no others, on a connection of its own that never
 * writes. It has no query for messages, contacts, devices or anybody's number but through the view of a purpose that
 * the person said yes to.
 */
import { type AccountId, CATALOGUE, type FieldsOf, isResidual, type Purpose, type Signed } from "@troth/protocol";
import { openRecords, type RecordsAt } from "@troth/storage";
import type { Kysely } from "kysely";
import { readStanding, readStandings, type StoredStanding } from "../../consent/standing.ts";
import type { ConsentTables, ShareOutboxRow } from "../../consent/tables.ts";

/**
 * A row of a purpose's view: only that purpose's fields, and of purposes that ask only people with a live yes. Where
 * nobody is asked the view has one row for each thing that is to be said, under the generation of its outbox row.
 */
export interface ShareViewRow<P extends Purpose> {
	readonly generation: number;
	/** What the yes was to; undefined where nobody is asked. */
	readonly purposeHash: Uint8Array | undefined;
	/** E.164; never shared, but what a number's pseudonym follows from. Absent for all other purposes. */
	readonly phone?: string | undefined;
	/** Null where there is nothing to share under this field. */
	readonly values: { readonly [field in FieldsOf<P>]?: string | null };
}

/** Every purpose has a view. */
const VIEWS = {
	friend_suggestions: "share_friend_suggestions",
	relevant_ads: "share_relevant_ads",
	account_linking: "share_account_linking",
	usage_metrics: "share_usage_metrics",
	infrastructure: "share_infrastructure",
	spam_and_abuse: "share_spam_and_abuse",
	security: "share_security",
	infringement: "share_infringement",
} as const satisfies { readonly [purpose in Purpose]: keyof ConsentTables };

export type SharedPurpose = keyof typeof VIEWS;

/** Does the door know how to share for this purpose? */
export function isShared(purpose: string): purpose is SharedPurpose {
	return Object.hasOwn(VIEWS, purpose);
}

/** Where fields are read, at the moment of each decision. Views of the accounts' own records, or a host's database. */
export interface FieldSource {
	/**
	 * What may be shared about this account for this purpose; undefined where no yes stands, or where nobody is asked and
	 * nothing is to be said under this generation (any more). Rejects with FieldsUnavailable where that can not be known
	 * now.
	 */
	values<P extends SharedPurpose>(
		account: AccountId,
		purpose: P,
		generation: number,
	): Promise<ShareViewRow<P> | undefined>;
}

/** Whoever has the fields does not answer now; asking again later is right. */
export class FieldsUnavailable extends Error {
	override readonly name = "FieldsUnavailable";
}

/** Everything that a decision about one share is made from. */
export interface PersonSource extends FieldSource {
	/** The account's share key; undefined where there is none (any more): the account is gone. */
	shareKey(account: AccountId): Promise<Uint8Array | undefined>;
	/** Where the person stands, and their choices. */
	standing(account: AccountId): Promise<StoredStanding>;
	/** The yes as the device signed it for this recipient. */
	grant(
		account: AccountId,
		purpose: Purpose,
		recipient: string,
		generation: number,
	): Promise<Pick<Signed, "statement" | "signature"> | undefined>;
}

export class ShareSource implements PersonSource {
	readonly #db: Kysely<ConsentTables>;
	readonly #fields: FieldSource | undefined;

	/**
	 * @param db the records of whoever keeps the accounts; the caller destroys it.
	 * @param fields where they are not in the views of these records
	 */
	constructor(db: Kysely<ConsentTables>, fields?: FieldSource) {
		this.#db = db;
		this.#fields = fields;
	}

	/** Rows of the outbox behind this one, in order, at most `limit`. */
	outboxAfter(id: number, limit: number): Promise<ShareOutboxRow[]> {
		return this.#db.selectFrom("share_outbox").selectAll().where("id", ">", id).orderBy("id").limit(limit).execute();
	}

	/** The last generation that was granted, by account and purpose; accounts that are gone are not in it. */
	async generationsOf(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, ReadonlyMap<string, number>>> {
		const rows = await this.#db
			.selectFrom("standing")
			.leftJoin("consent_choice", "consent_choice.account_id", "standing.account_id")
			.select(["standing.account_id", "purpose", "generation"])
			.where("standing.account_id", "in", accounts)
			.execute();
		const given = new Map<AccountId, Map<string, number>>(rows.map(({ account_id }) => [account_id, new Map()]));
		for (const { account_id, purpose, generation } of rows)
			if (purpose !== null && generation !== null) given.get(account_id)?.set(purpose, generation);
		return given;
	}

	/** When the recalls after this row of the outbox were asked for. */
	async recallsAfter(id: number): Promise<readonly number[]> {
		const rows = await this.#db
			.selectFrom("share_outbox")
			.select("created_at_ms")
			.where("id", ">", id)
			.where("kind", "=", "recall")
			.execute();
		return rows.map((row) => row.created_at_ms);
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

	async shareKey(account: AccountId): Promise<Uint8Array | undefined> {
		return (await this.shareKeys([account])).get(account);
	}

	/** The same for many at once; who has none is not in it. */
	async shareKeys(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, Uint8Array>> {
		const rows = await this.#db
			.selectFrom("share_key")
			.select(["account_id", "share_key"])
			.where("account_id", "in", accounts)
			.execute();
		return new Map(rows.map((row) => [row.account_id, row.share_key]));
	}

	/** The policies that were published after this version, oldest first, with their signatures. */
	policiesAfter(version: number) {
		return this.#db.selectFrom("terms_version").selectAll().where("version", ">", version).orderBy("version").execute();
	}

	standing(account: AccountId): Promise<StoredStanding> {
		return readStanding(this.#db, account);
	}

	/** The same for many at once; who is gone is not in it. */
	standings(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, StoredStanding>> {
		return readStandings(this.#db, accounts);
	}

	grant(account: AccountId, purpose: Purpose, recipient: string, generation: number) {
		return this.#grantsFor([account], purpose, recipient).where("generation", "=", generation).executeTakeFirst();
	}

	/** What these people signed for this recipient, of every generation. */
	grants(accounts: readonly AccountId[], purpose: Purpose, recipient: string) {
		return this.#grantsFor(accounts, purpose, recipient).execute();
	}

	#grantsFor(accounts: readonly AccountId[], purpose: Purpose, recipient: string) {
		return this.#db
			.selectFrom("consent_grant")
			.select(["account_id", "generation", "statement", "signature"])
			.where("account_id", "in", accounts)
			.where("purpose", "=", purpose)
			.where("recipient", "=", recipient);
	}

	async values<P extends SharedPurpose>(
		account: AccountId,
		purpose: P,
		generation: number,
	): Promise<ShareViewRow<P> | undefined> {
		if (this.#fields !== undefined) return this.#fields.values(account, purpose, generation);
		return (await this.#rows([account], purpose)).find((row) => !isResidual(purpose) || row.generation === generation);
	}

	/** The same for many at once; undefined where the fields can only be asked for one by one. */
	async valuesOfMany<P extends SharedPurpose>(
		accounts: readonly AccountId[],
		purpose: P,
	): Promise<readonly AccountRow<P>[] | undefined> {
		return this.#fields === undefined ? this.#rows(accounts, purpose) : undefined;
	}

	async #rows<P extends SharedPurpose>(accounts: readonly AccountId[], purpose: P): Promise<readonly AccountRow<P>[]> {
		const rows = await this.#db
			// One of them stands for all: only columns that every view of its kind has are taken by name.
			.selectFrom(VIEWS[purpose] as "share_friend_suggestions")
			.selectAll()
			.where("account_id", "in", accounts)
			.execute();
		const { fields, identity } = CATALOGUE[purpose];
		return rows.map((row) => {
			const columns = row as unknown as Readonly<Record<string, string | null>>;
			const values = Object.fromEntries(fields.map((field) => [field, columns[field]]));
			return {
				account: row.account_id,
				generation: row.generation,
				purposeHash: isResidual(purpose) ? undefined : row.purpose_hash,
				phone: identity === "number_pseudonym" ? (columns["phone"] ?? undefined) : undefined,
				values: values as ShareViewRow<P>["values"],
			};
		});
	}
}

/** A row of a view, and whose it is. */
export interface AccountRow<P extends Purpose> extends ShareViewRow<P> {
	readonly account: AccountId;
}

/** The messenger's records on a connection of the door's own. The caller destroys it. Rejects with StoreError. */
export function openSource(at: RecordsAt): Promise<Kysely<ConsentTables>> {
	return openRecords<ConsentTables>(at);
}
