/** What came without anybody's yes, and what use and delivery are counted from (`metrics/tables.ts`). */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("residual_item")
		.addColumn("subject", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("generation", "integer", (column) => column.notNull())
		.addColumn("policy_hash", "text", (column) => column.notNull())
		.addColumn("purpose_hash", "text", (column) => column.notNull())
		.addColumn("policy_version", "integer", (column) => column.notNull())
		.addColumn("received_at_ms", "bigint", (column) => column.notNull())
		.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("residual_item_pk", ["subject", "purpose", "generation"])
		.execute();
	await schema.createIndex("residual_item_expiry").on("residual_item").column("expires_at_ms").execute();
	await schema
		.createTable("said_usage")
		.addColumn("subject", "text", (column) => column.notNull())
		.addColumn("said_day", "integer", (column) => column.notNull())
		.addColumn("week", "integer", (column) => column.notNull())
		.addColumn("usage_class", "text", (column) => column.notNull())
		.addColumn("last_used_day", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("said_usage_pk", ["subject", "said_day"])
		.execute();
	await schema.createIndex("said_usage_week").on("said_usage").columns(["week", "usage_class"]).execute();
	await schema
		.createTable("own_usage")
		.addColumn("person_id", "text", (column) => column.primaryKey())
		.addColumn("last_used_day", "integer", (column) => column.notNull())
		.addColumn("days", "integer", (column) => column.notNull())
		.execute();
	await schema
		.createTable("own_usage_week")
		.addColumn("week", "integer", (column) => column.notNull())
		.addColumn("usage_class", "text", (column) => column.notNull())
		.addColumn("people", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("own_usage_week_pk", ["week", "usage_class"])
		.execute();
	await schema
		.createTable("delivery_said")
		.addColumn("day", "integer", (column) => column.notNull())
		.addColumn("os", "text", (column) => column.notNull())
		.addColumn("app_version", "text", (column) => column.notNull())
		.addColumn("outcome", "text", (column) => column.notNull())
		.addColumn("times", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("delivery_said_pk", ["day", "os", "app_version", "outcome"])
		.execute();
}

export const metrics: Migration = { up };
