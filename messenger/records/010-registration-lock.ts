/** Who may take a number from an account: nobody without its PIN (`registration/lock`). */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("registration_lock")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("salt", "bytea", (column) => column.notNull())
		.addColumn("pin_hash", "bytea", (column) => column.notNull())
		.addColumn("guesses", "integer", (column) => column.notNull())
		.addColumn("wait_until_ms", "bigint", (column) => column.notNull())
		.addColumn("set_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.alterTable("registration")
		.addColumn("unlocked", "integer", (column) => column.notNull().defaultTo(0))
		.execute();
}

export const registrationLock: Migration = { up };
