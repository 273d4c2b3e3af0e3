/** Rows of lists end when their retention does. */
import type { FamilyContext } from "../context.ts";
import { deleteUnfounded } from "./members.ts";

/** How long a repeat of a numbered upload is recognised. */
const BATCHES_KEPT_MS = 24 * 3600 * 1000;

/** Deletes the rows whose time is over, and the members that followed from them. */
export async function forgetListRows({ records, clock }: Pick<FamilyContext, "records" | "clock">): Promise<void> {
	const now = clock.now();
	await records.transaction().execute(async (transaction) => {
		const ended = await transaction
			.selectFrom("audience_row")
			.select("audience_id")
			.distinct()
			.where("expires_at_ms", "<=", now)
			.execute();
		await transaction.deleteFrom("audience_row").where("expires_at_ms", "<=", now).execute();
		for (const { audience_id } of ended) await deleteUnfounded(transaction, { audience: audience_id });
		await transaction
			.deleteFrom("audience_batch")
			.where("at_ms", "<=", now - BATCHES_KEPT_MS)
			.execute();
	});
}
