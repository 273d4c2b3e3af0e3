/**
 * What delivery asks about businesses. Who is one is kept in memory whole: there are few, and the question comes with
 * every log that is loaded. What people said is kept like blocks are, and forgotten when it changes.
 */
import type { AccountId, BusinessCategory, LogId } from "@troth/protocol";
import type { Kysely } from "kysely";
import { ReadThrough } from "../accounts/read-through.ts";
import type { Businesses, SaidToBusinesses } from "../context.ts";
import type { Records } from "../records/schema.ts";
import type { Said } from "./category-rule.ts";

const PEOPLE_KEPT = 50_000;

export class BusinessDirectory implements Businesses {
	readonly #records: Kysely<Records>;
	readonly #approved: Set<AccountId>;
	readonly #said = new ReadThrough<AccountId, SaidToBusinesses>(PEOPLE_KEPT, (people) => this.#loadSaid(people));
	/** When people last wrote, as far as it is not in the records yet. */
	readonly #wrote = new Map<LogId, Map<AccountId, number>>();

	private constructor(records: Kysely<Records>, approved: Set<AccountId>) {
		this.#records = records;
		this.#approved = approved;
	}

	static async open(records: Kysely<Records>): Promise<BusinessDirectory> {
		const rows = await records.selectFrom("business").select("account_id").execute();
		return new BusinessDirectory(records, new Set(rows.map((row) => row.account_id)));
	}

	isBusiness(account: AccountId): boolean {
		return this.#approved.has(account);
	}

	async saidBy(person: AccountId): Promise<SaidToBusinesses> {
		return (await this.#said.get(person)) ?? new Map();
	}

	async wroteIn(log: LogId): Promise<ReadonlyMap<AccountId, number>> {
		const rows = await this.#records
			.selectFrom("business_window")
			.select(["account_id", "wrote_at_ms"])
			.where("log", "=", log)
			.execute();
		return new Map([...rows.map((row) => [row.account_id, row.wrote_at_ms] as const), ...(this.#wrote.get(log) ?? [])]);
	}

	noteWrote(log: LogId, person: AccountId, atMs: number): void {
		const wrote = this.#wrote.get(log);
		if (wrote === undefined) this.#wrote.set(log, new Map([[person, atMs]]));
		else wrote.set(person, atMs);
	}

	/** Writes down when people wrote: a row per person and conversation, however many messages it were. */
	async flushWrote(): Promise<void> {
		const wrote = [...this.#wrote].flatMap(([log, people]) =>
			[...people].map(([person, atMs]) => ({ log, person, atMs })),
		);
		if (wrote.length === 0) return;
		await this.#records.transaction().execute(async (transaction) => {
			for (const { log, person, atMs } of wrote)
				await transaction
					.insertInto("business_window")
					.values({ log, account_id: person, wrote_at_ms: atMs })
					.onConflict((conflict) => conflict.columns(["log", "account_id"]).doUpdateSet({ wrote_at_ms: atMs }))
					.execute();
		});
		for (const { log, person, atMs } of wrote) {
			const people = this.#wrote.get(log);
			// Who wrote again meanwhile has a newer time, which the next round writes.
			if (people?.get(person) === atMs) people.delete(person);
			if (people?.size === 0) this.#wrote.delete(log);
		}
	}

	/** Call after an account became a business, or ended. */
	businessChanged(account: AccountId, approved: boolean): void {
		if (approved) this.#approved.add(account);
		else this.#approved.delete(account);
	}

	/** Call after every decision of a person. */
	saidChanged(person: AccountId): void {
		this.#said.forget(person);
	}

	async #loadSaid(people: readonly AccountId[]): Promise<ReadonlyMap<AccountId, SaidToBusinesses>> {
		const rows = await this.#records
			.selectFrom("business_preference")
			.select(["account_id", "business_id", "category", "permission", "consent_id"])
			.where("account_id", "in", people)
			.execute();
		const said = new Map(people.map((person) => [person, new Map<AccountId, Map<BusinessCategory, Said>>()]));
		for (const { account_id, business_id, category, permission, consent_id: consentId } of rows) {
			if (permission === "unset") continue;
			const toAll = said.get(account_id);
			const toOne = toAll?.get(business_id) ?? new Map<BusinessCategory, Said>();
			toAll?.set(business_id, toOne.set(category, { permission, consentId }));
		}
		return said;
	}
}
