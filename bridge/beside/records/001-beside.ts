/** People of the host, their browsers, and the tables of consent as they stand today. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { addPersonColumns, createConsentTables } from "../../consent/create-tables.ts";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("terms_version")
		.addColumn("version", "integer", (column) => column.primaryKey())
		.addColumn("policy", "text", (column) => column.notNull())
		.addColumn("published_at_ms", "bigint", (column) => column.notNull())
		.addColumn("signature", "bytea", (column) => column.notNull())
		.execute();
	await schema
		.createTable("terms_acceptance")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("version", "integer", (column) => column.notNull())
		.addColumn("statement", "bytea", (column) => column.notNull())
		.addColumn("signature", "bytea", (column) => column.notNull())
		.addColumn("accepted_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("terms_acceptance_pk", ["account_id", "version"])
		.execute();
	await createConsentTables(db);
	await addPersonColumns(db);

	await schema
		.createTable("person")
		.addColumn("host_id", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text", (column) => column.notNull().unique())
		.addColumn("consent_root", "text")
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("browser")
		.addColumn("device_id", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("public_key", "bytea", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.addUniqueConstraint("browser_of_account", ["account_id", "public_key"])
		.execute();
	await schema
		.createTable("session")
		.addColumn("token_digest", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("device_id", "text", (column) => column.notNull())
		.addColumn("consent_root", "text", (column) => column.notNull())
		.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema.createIndex("session_of_account").on("session").column("account_id").execute();
	await schema
		.createTable("known_fact")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("digest", "text", (column) => column.notNull())
		.execute();
}

export const beside: Migration = { up };
