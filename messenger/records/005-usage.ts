/** On which days people used the service, what was said of it, and what is counted of nobody (`usage/tables.ts`). */
import { INSTALLATION } from "@troth/bridge";
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("usage_days")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("last_used_day", "integer", (column) => column.notNull())
		.addColumn("days", "integer", (column) => column.notNull())
		.addColumn("due_day", "integer", (column) => column.notNull())
		.execute();
	await schema.createIndex("usage_days_due").on("usage_days").column("due_day").execute();
	await schema
		.createTable("usage_said")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("generation", "integer", (column) => column.notNull())
		.addColumn("last_used_day", "text", (column) => column.notNull())
		.addColumn("usage_class", "text", (column) => column.notNull())
		.execute();
	await schema
		.createTable("usage_aggregate")
		.addColumn("week", "integer", (column) => column.notNull())
		.addColumn("usage_class", "text", (column) => column.notNull())
		.addColumn("people", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("usage_aggregate_pk", ["week", "usage_class"])
		.execute();
	await schema
		.createTable("delivery_count")
		.addColumn("day", "integer", (column) => column.notNull())
		.addColumn("os", "text", (column) => column.notNull())
		.addColumn("app_version", "text", (column) => column.notNull())
		.addColumn("outcome", "text", (column) => column.notNull())
		.addColumn("times", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("delivery_count_pk", ["day", "os", "app_version", "outcome"])
		.execute();
	await schema
		.createTable("delivery_day")
		.addColumn("day", "integer", (column) => column.primaryKey())
		.addColumn("counts", "text", (column) => column.notNull())
		.execute();
	// What an account has to take back when it ends is looked up here.
	await schema.createIndex("share_outbox_of_account").on("share_outbox").columns(["account_id", "purpose"]).execute();
	await sql`
		create view share_usage_metrics as
		select account_id, generation, last_used_day, usage_class from usage_said
	`.execute(db);
	await sql`
		create view share_infrastructure as
		select ${sql.lit(INSTALLATION)} as account_id, day as generation, counts from delivery_day
	`.execute(db);
}

export const usage: Migration = { up };
