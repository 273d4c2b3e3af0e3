/** The operator's side of businesses, and their end with their account. */
import { type AccountId, LIMITS, Refusal } from "@troth/protocol";
import type { Transaction } from "kysely";
import { readPhoneNumber } from "../accounts/phone-numbers.ts";
import type { MessengerContext } from "../context.ts";
import type { Records } from "../records/schema.ts";

export interface ApprovedBusiness {
	readonly account: AccountId;
	readonly name: string;
	readonly approvedAtMs: number;
}

/**
 * Makes the account of this number a business under this name. Approving it again changes the name. Refuses with
 * PHONE_INVALID, NOT_FOUND (no account has the number), MALFORMED (the name).
 */
export async function approveBusiness(
	context: MessengerContext,
	{ phone, name }: { readonly phone: string; readonly name: string },
): Promise<ApprovedBusiness> {
	const number = readPhoneNumber(phone);
	const shown = name.trim();
	if (shown === "" || [...shown].length > LIMITS.nameCharacters)
		throw new Refusal("MALFORMED", `a name has 1 to ${LIMITS.nameCharacters} characters`);
	const nowMs = context.clock.now();
	const row = await context.records.transaction().execute(async (transaction) => {
		const holder = await transaction
			.selectFrom("account")
			.select("account_id")
			.where("phone", "=", number)
			.executeTakeFirst();
		if (holder === undefined) throw new Refusal("NOT_FOUND", "no account has this number");
		return transaction
			.insertInto("business")
			.values({ account_id: holder.account_id, name: shown, approved_at_ms: nowMs })
			.onConflict((conflict) => conflict.column("account_id").doUpdateSet({ name: shown }))
			.returningAll()
			.executeTakeFirstOrThrow();
	});
	context.businesses.businessChanged(row.account_id, true);
	await context.delivery.businessRulesChanged(row.account_id);
	context.events.businessApproved(row.account_id);
	return { account: row.account_id, name: row.name, approvedAtMs: row.approved_at_ms };
}

/** Forgets an account that ends: what it decided, and that it was a business. */
export async function forgetBusinessFacts(transaction: Transaction<Records>, account: AccountId): Promise<void> {
	await transaction.deleteFrom("business").where("account_id", "=", account).execute();
	await transaction.deleteFrom("business_preference").where("account_id", "=", account).execute();
	await transaction.deleteFrom("business_preference").where("business_id", "=", account).execute();
	await transaction.deleteFrom("business_preference_event").where("account_id", "=", account).execute();
	await transaction.deleteFrom("business_template").where("business_id", "=", account).execute();
	await transaction.deleteFrom("business_window").where("account_id", "=", account).execute();
}
