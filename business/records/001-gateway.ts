import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("contact")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("conversation", "text", (column) => column.unique())
		.addColumn("phone", "text", (column) => column.unique())
		.addColumn("alias", "text", (column) => column.notNull().unique())
		.addColumn("heard_key", "text", (column) => column.notNull())
		.execute();
	await schema
		.createTable("message")
		.addColumn("wamid", "text", (column) => column.primaryKey())
		.addColumn("direction", "text", (column) => column.notNull())
		.addColumn("conversation", "text", (column) => column.notNull())
		.addColumn("seq", "integer")
		.addColumn("address", "text", (column) => column.notNull())
		.addColumn("status", "text", (column) => column.notNull())
		.addColumn("callback", "text")
		.addColumn("at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createIndex("message_by_status")
		.on("message")
		.columns(["conversation", "direction", "status", "seq"])
		.execute();
	await schema.createIndex("message_by_time").on("message").columns(["direction", "at_ms"]).execute();
	await schema
		.createTable("webhook")
		.addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
		.addColumn("change", "text", (column) => column.notNull())
		.addColumn("lane", "text", (column) => column.notNull())
		.addColumn("dedupe", "text", (column) => column.notNull().unique())
		.addColumn("attempts", "integer", (column) => column.notNull())
		.addColumn("due_at_ms", "bigint", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema.createIndex("webhook_due").on("webhook").columns(["due_at_ms", "id"]).execute();
	await schema
		.createTable("template")
		.addColumn("id", "text", (column) => column.primaryKey())
		.addColumn("version", "integer", (column) => column.notNull())
		.addColumn("name", "text", (column) => column.notNull())
		.addColumn("language", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("status", "text", (column) => column.notNull())
		.addColumn("body", "text", (column) => column.notNull())
		.addUniqueConstraint("template_name", ["name", "language"])
		.execute();
	await schema
		.createTable("answer")
		.addColumn("key", "text", (column) => column.primaryKey())
		.addColumn("digest", "text", (column) => column.notNull())
		.addColumn("status", "integer", (column) => column.notNull())
		.addColumn("body", "text", (column) => column.notNull())
		.addColumn("at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("setting")
		.addColumn("name", "text", (column) => column.primaryKey())
		.addColumn("value", "text", (column) => column.notNull())
		.execute();
}

export const gateway: Migration = { up };
