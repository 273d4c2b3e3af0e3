/** Who may find whom by number. */
import { type AccountId, FindableBy, type PhoneNumber } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { Records } from "../records/schema.ts";

export type FindableChoice = "everyone" | "contacts" | "nobody";

export const BY_NUMBER: Readonly<Record<FindableChoice, FindableBy>> = {
	everyone: FindableBy.EVERYONE,
	contacts: FindableBy.CONTACTS,
	nobody: FindableBy.NOBODY,
};

/** Who may find this account by number now. */
export async function choiceOf(records: Kysely<Records>, account: AccountId): Promise<FindableChoice> {
	const row = await records
		.selectFrom("findable")
		.select("by_number")
		.where("account_id", "=", account)
		.executeTakeFirst();
	return row?.by_number ?? "everyone";
}

export interface FoundAccount {
	readonly account_id: AccountId;
	readonly phone: PhoneNumber;
	readonly list_statement: Uint8Array;
	readonly list_signature: Uint8Array;
}

/**
 * The accounts of these numbers that `searcher` may find by them. One statement for who has no account and for who may
 * not be found: what comes back, and the work for it, is the same.
 */
export function findByNumbers(
	records: Kysely<Records>,
	phones: readonly PhoneNumber[],
	searcher: AccountId,
): Promise<readonly FoundAccount[]> {
	return records
		.selectFrom("account")
		.leftJoin("findable", "findable.account_id", "account.account_id")
		.leftJoin("findable_contact", (join) =>
			join
				.onRef("findable_contact.account_id", "=", "account.account_id")
				.on("findable_contact.contact_id", "=", searcher),
		)
		.select(["account.account_id", "account.phone", "account.list_statement", "account.list_signature"])
		.where("account.phone", "in", phones)
		.where(({ eb, or, and }) =>
			or([
				eb("findable.by_number", "is", null),
				eb("account.account_id", "=", searcher),
				and([eb("findable.by_number", "=", "contacts"), eb("findable_contact.contact_id", "is not", null)]),
			]),
		)
		.execute();
}
