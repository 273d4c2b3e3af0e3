import type { ConsentTables } from "@troth/bridge";
import type { Transaction } from "kysely";
import type { Records } from "../records/schema.ts";

/** Notes, with the publication itself, that every device has to be told of a version. */
export async function noteRollout(
	transaction: Transaction<ConsentTables>,
	version: number,
	nowMs: number,
): Promise<void> {
	await (transaction as Transaction<Records>)
		.insertInto("terms_rollout")
		.values({
			version,
			...{ after_account: "", until_account: "", accounts: 0, devices: 0 },
			...{ begun_at_ms: nowMs, ended_at_ms: null },
		})
		.execute();
}
