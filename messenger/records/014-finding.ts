/** By what people may be found, and by whom (`finding/tables.ts`). */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("findable")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("by_number", "text", (column) => column.notNull())
		.execute();
	await schema
		.createTable("findable_contact")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("contact_id", "text", (column) => column.notNull())
		.addPrimaryKeyConstraint("findable_contact_pk", ["account_id", "contact_id"])
		.execute();
	// For the end of an account: it goes from everybody's contacts.
	await schema.createIndex("findable_contact_named").on("findable_contact").column("contact_id").execute();
	await schema
		.createTable("username")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("name", "text", (column) => column.notNull().unique())
		.addColumn("name_mac", "text", (column) => column.notNull())
		.addColumn("claimed_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("released_username")
		.addColumn("name_mac", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text")
		.addColumn("free_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema.createIndex("released_username_by").on("released_username").column("account_id").execute();
	await schema
		.createTable("contact_link")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("token_digest", "text", (column) => column.notNull().unique())
		.addColumn("made_at_ms", "bigint", (column) => column.notNull())
		.execute();
}

export const finding: Migration = { up };
