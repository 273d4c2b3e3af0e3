import type { AccountId } from "@troth/protocol";
import type { Transaction } from "kysely";
import type { Records } from "../records/schema.ts";
import { giveUpUsername } from "./username.ts";

/** With the account goes all by which it was found. Of its names a fingerprint is left that says only when they are free. */
export async function forgetFinding(
	transaction: Transaction<Records>,
	account: AccountId,
	nowMs: number,
): Promise<void> {
	await giveUpUsername(transaction, account, nowMs);
	await transaction
		.updateTable("released_username")
		.set({ account_id: null })
		.where("account_id", "=", account)
		.execute();
	await transaction.deleteFrom("findable").where("account_id", "=", account).execute();
	await transaction.deleteFrom("findable_contact").where("account_id", "=", account).execute();
	await transaction.deleteFrom("findable_contact").where("contact_id", "=", account).execute();
	await transaction.deleteFrom("contact_link").where("account_id", "=", account).execute();
}
