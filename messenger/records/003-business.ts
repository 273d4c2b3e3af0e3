/** Businesses: who is one, what people let them send, their templates (`business/tables.ts`). */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("business")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("name", "text", (column) => column.notNull())
		.addColumn("approved_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("business_preference")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("business_id", "text", (column) => column.notNull())
		.addColumn("category", "integer", (column) => column.notNull())
		.addColumn("permission", "text", (column) => column.notNull())
		.addColumn("consent_id", "text", (column) => column.notNull())
		.addColumn("decided_at_ms", "bigint", (column) => column.notNull())
		.addColumn("statement", "bytea", (column) => column.notNull())
		.addColumn("signature", "bytea", (column) => column.notNull())
		.addPrimaryKeyConstraint("business_preference_pk", ["account_id", "business_id", "category"])
		.execute();
	await schema
		.createTable("business_preference_event")
		.addColumn("event_id", "integer", (column) => column.primaryKey().autoIncrement())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("statement", "bytea", (column) => column.notNull())
		.addColumn("signature", "bytea", (column) => column.notNull())
		.addColumn("recorded_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createIndex("business_preference_event_of")
		.on("business_preference_event")
		.column("account_id")
		.execute();
	await schema
		.createTable("business_template")
		.addColumn("business_id", "text", (column) => column.notNull())
		.addColumn("template_id", "text", (column) => column.notNull())
		.addColumn("version", "integer", (column) => column.notNull())
		.addColumn("name", "text", (column) => column.notNull())
		.addColumn("language", "text", (column) => column.notNull())
		.addColumn("category", "integer", (column) => column.notNull())
		.addColumn("body", "text", (column) => column.notNull())
		.addColumn("registered_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("business_template_pk", ["business_id", "template_id", "version"])
		.execute();
	await schema
		.createTable("business_window")
		.addColumn("log", "text", (column) => column.notNull())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("wrote_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("business_window_pk", ["log", "account_id"])
		.execute();
	await schema.createIndex("business_window_age").on("business_window").column("wrote_at_ms").execute();
}

export const business: Migration = { up };
