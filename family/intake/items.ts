/** What was taken in and is kept: items, the links they made, and how they go again. */
import type { Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import type { MatchPurpose } from "../match-keys/match-keys.ts";
import type { Records } from "../records/schema.ts";

type Needs = Pick<FamilyContext, "matchKeys">;

/** Purposes whose items carry a number. */
export const MATCHED: readonly string[] = ["friend_suggestions", "relevant_ads"] satisfies readonly MatchPurpose[];

export function isMatched(purpose: string): purpose is MatchPurpose {
	return MATCHED.includes(purpose);
}

/** Deletes one item and everything derived from it: match keys and, through their listeners, edges and audience rows. */
export async function removeItem(
	{ matchKeys }: Needs,
	transaction: Transaction<Records>,
	subject: string,
	purpose: string,
): Promise<void> {
	await transaction.deleteFrom("shared_item").where("subject", "=", subject).where("purpose", "=", purpose).execute();
	if (isMatched(purpose)) await matchKeys.remove(transaction, { subject, purpose });
	else await unlink({ matchKeys }, transaction, subject);
}

/**
 * The subject is nobody here any more: the link, the device facts that came with it, and every item that found its
 * account by the link alone. What the account's own verified number would have found anyway stays.
 */
async function unlink({ matchKeys }: Needs, transaction: Transaction<Records>, subject: string): Promise<void> {
	await transaction.deleteFrom("account_link").where("subject", "=", subject).execute();
	await transaction
		.updateTable("shared_item")
		.set({ device_type: null, os: null, app_version: null })
		.where("subject", "=", subject)
		.execute();
	const items = await transaction
		.selectFrom("shared_item")
		.select("purpose")
		.where("subject", "=", subject)
		.where("attached_by", "=", "link")
		.execute();
	for (const { purpose } of items) await removeItem({ matchKeys }, transaction, subject, purpose);
}
