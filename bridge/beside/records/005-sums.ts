/** Use in sums, where nothing else may be said of somebody (`consent/usage-sums.ts`), and what the door reads of it. */
import { LAST_DAY_OF_WEEK } from "@troth/protocol";
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { INSTALLATION } from "../../consent/installation.ts";
import { createUsageSums } from "../../consent/usage-sums.ts";

async function up(db: Kysely<unknown>): Promise<void> {
	await createUsageSums(db);
	// What is said of people themselves is read at the host, and is in no view of ours.
	await sql`
		create view share_usage_metrics as
		select ${sql.lit(INSTALLATION)} as account_id, week + ${sql.lit(LAST_DAY_OF_WEEK)} as generation,
			null as last_used_day, sums as usage_class
		from usage_week
	`.execute(db);
}

export const sums: Migration = { up };
