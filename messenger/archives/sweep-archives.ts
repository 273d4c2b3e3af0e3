/** The end of archives: taken, too old, or their account is gone. */
import type { AccountId } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { MessengerContext } from "../context.ts";
import type { Records } from "../records/schema.ts";

/** Inside the transaction that ends the account; call `sweepArchives` after it. */
export async function endArchives(transaction: Kysely<Records>, account: AccountId): Promise<void> {
	await transaction.updateTable("archive").set({ expires_at_ms: 0 }).where("account_id", "=", account).execute();
}

/** Deletes what is over, bytes first: what a crash leaves is found again. */
export async function sweepArchives({
	records,
	blobs,
	clock,
}: Pick<MessengerContext, "records" | "blobs" | "clock">): Promise<void> {
	const over = await records
		.selectFrom("archive")
		.select(["account_id", "archive_id"])
		.where("expires_at_ms", "<=", clock.now())
		.execute();
	for (const { account_id, archive_id } of over) {
		const parts = await records
			.selectFrom("archive_part")
			.select("blob_id")
			.where("account_id", "=", account_id)
			.where("archive_id", "=", archive_id)
			.execute();
		for (const { blob_id } of parts) await blobs.delete(blob_id);
		await records.transaction().execute(async (transaction) => {
			for (const table of ["archive_part", "archive"] as const)
				await transaction
					.deleteFrom(table)
					.where("account_id", "=", account_id)
					.where("archive_id", "=", archive_id)
					.execute();
		});
	}
}
