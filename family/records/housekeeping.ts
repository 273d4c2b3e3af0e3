/** Forgets what is over: sessions, guesses, link nonces, address books, shares whose retention ended. */
import { eraseDeleted } from "@troth/storage";
import { sweepLabels } from "../abuse/index.ts";
import { sweepAddressBooks } from "../address-book/address-book.ts";
import type { FamilyContext } from "../context.ts";
import { removeItem } from "../intake/items.ts";
import { removeExpiredResidual } from "../intake/residual.ts";
import { GUESSES_MS } from "../people/log-in.ts";

export const HOUSEKEEPING_EVERY_MS = 10 * 60 * 1000;

export async function sweepRecords(context: FamilyContext): Promise<void> {
	const { records, clock } = context;
	const now = clock.now();
	await records.deleteFrom("session").where("expires_at_ms", "<=", now).execute();
	await records
		.deleteFrom("log_in_failure")
		.where("at_ms", "<=", now - GUESSES_MS)
		.execute();
	await records.deleteFrom("link_nonce").where("expires_at_ms", "<=", now).execute();
	await sweepAddressBooks(context);
	await sweepSharedItems(context);
	await sweepLabels(context);
}

/** The policy says how long a share may be kept without a new one. */
async function sweepSharedItems(context: FamilyContext): Promise<void> {
	const { records, clock } = context;
	const over = await records.transaction().execute(async (transaction) => {
		const items = await transaction
			.selectFrom("shared_item")
			.select(["subject", "purpose"])
			.where("expires_at_ms", "<=", clock.now())
			.execute();
		for (const { subject, purpose } of items) await removeItem(context, transaction, subject, purpose);
		return items.length + (await removeExpiredResidual(context, transaction));
	});
	if (over > 0) await eraseDeleted(records);
}
