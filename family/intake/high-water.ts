/** How far a subject was recalled for a purpose: what comes late is known by it. Kept for ever. */
import type { Transaction } from "kysely";
import type { Records } from "../records/schema.ts";

/** 0 where nothing was recalled. */
export async function highWater(transaction: Transaction<Records>, subject: string, purpose: string): Promise<number> {
	const row = await transaction
		.selectFrom("high_water")
		.select("generation")
		.where("subject", "=", subject)
		.where("purpose", "=", purpose)
		.executeTakeFirst();
	return row?.generation ?? 0;
}
