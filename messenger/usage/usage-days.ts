/**
 * Notes on which days people are here: one small write per account and day, of 28 days and nothing finer. Only of people
 * of whom it may be said under the terms that they accepted, and never of who objected.
 */
import { maySay } from "@troth/bridge";
import { type AccountId, dueAfter, USAGE, useOn, utcDayOf } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { Transaction } from "kysely";
import type { MessengerContext } from "../context.ts";
import type { Records } from "../records/schema.ts";

type Needs = Pick<MessengerContext, "records" | "terms" | "clock">;

export class UsageDays {
	readonly #context: Needs;
	#day = 0;
	/** Noted today, or looked at: who may not be noted is not asked again before tomorrow. */
	#noted = new Set<AccountId>();
	#waiting = new Set<AccountId>();

	constructor(context: Needs) {
		this.#context = context;
	}

	/** A device of this account is attached. Cheap: called for each, again and again. */
	present(account: AccountId): void {
		const today = utcDayOf(this.#context.clock.now());
		if (today !== this.#day) {
			this.#day = today;
			this.#noted = new Set();
		}
		if (this.#noted.has(account)) return;
		this.#noted.add(account);
		this.#waiting.add(account);
	}

	/** The account accepted or decided something: what holds of it is looked at anew. */
	standingChanged(account: AccountId): void {
		this.#noted.delete(account);
	}

	/** Writes what waits. Rejects with StoreError; what was not written is noted when the device is seen again. */
	async flush(): Promise<void> {
		const accounts = [...this.#waiting];
		this.#waiting = new Set();
		for (const [at, account] of accounts.entries()) {
			try {
				await this.#note(account);
			} catch (error) {
				for (const left of accounts.slice(at)) this.#noted.delete(left);
				throw error;
			}
		}
	}

	async #note(account: AccountId): Promise<void> {
		const may = await maySay(this.#context, account, USAGE);
		if (may === "wait" || may === "never") return;
		const { records, clock } = this.#context;
		const today = utcDayOf(clock.now());
		await records.transaction().execute(async (transaction) => {
			const row = await transaction
				.selectFrom("usage_days")
				.select(["last_used_day", "days"])
				.where("account_id", "=", account)
				.executeTakeFirst();
			const { lastUsedDay, days } = useOn(row && { lastUsedDay: row.last_used_day, days: row.days }, today);
			const used = { last_used_day: lastUsedDay, days };
			await transaction
				.insertInto("usage_days")
				.values({ account_id: account, ...used, due_day: dueAfter(account, today) })
				.onConflict((conflict) => conflict.column("account_id").doUpdateSet(used))
				.execute();
		});
	}
}

/** Forgets what was noted of an account: it ended, or its person objected. */
export async function forgetUsage(transaction: Transaction<Records>, account: AccountId): Promise<void> {
	for (const table of ["usage_days", "usage_said"] as const)
		await transaction.deleteFrom(table).where("account_id", "=", account).execute();
}

/** After a decision: an objection ends the noting at once, and what was noted is gone from the files, too. */
export async function endIfObjected({ records }: Pick<Needs, "records">, account: AccountId): Promise<void> {
	const objected = await records.transaction().execute(async (transaction) => {
		const choice = await transaction
			.selectFrom("consent_choice")
			.select("state")
			.where("account_id", "=", account)
			.where("purpose", "=", USAGE)
			.where("state", "in", ["refused", "withdrawn"])
			.executeTakeFirst();
		if (choice !== undefined) await forgetUsage(transaction, account);
		return choice !== undefined;
	});
	if (objected) await eraseDeleted(records);
}
