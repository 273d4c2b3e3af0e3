/**
 * Versions that take away at once, and embargoes that begin once (`bridge/consent`); sums of use, where nothing else may
 * be said (`usage/close-week.ts`); messages that a report reveals.
 */
import { addNarrowing, INSTALLATION } from "@troth/bridge";
import { LAST_DAY_OF_WEEK } from "@troth/protocol";
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	await addNarrowing(db);
	await db.schema
		.createTable("usage_week")
		.addColumn("week", "integer", (column) => column.primaryKey())
		.addColumn("sums", "text", (column) => column.notNull())
		.execute();
	await db.schema.alterTable("abuse_report").addColumn("revealed", "text").execute();
	await sql`drop view share_usage_metrics`.execute(db);
	await sql`
		create view share_usage_metrics as
		select account_id, generation, last_used_day, usage_class from usage_said
		union all
		select ${sql.lit(INSTALLATION)}, week + ${sql.lit(LAST_DAY_OF_WEEK)}, null, sums from usage_week
	`.execute(db);
}

export const narrowing: Migration = { up };
