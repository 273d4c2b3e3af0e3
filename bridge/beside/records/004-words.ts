/** What was said of people without being asked for, so that it is known what stands. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createTable("said_word")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("generation", "bigint", (column) => column.notNull())
		.addColumn("digest", "text", (column) => column.notNull())
		.addPrimaryKeyConstraint("said_word_pk", ["account_id", "purpose"])
		.execute();
	// What an account has to take back is looked up here.
	await db.schema
		.createIndex("share_outbox_of_account")
		.on("share_outbox")
		.columns(["account_id", "purpose"])
		.execute();
}

export const words: Migration = { up };
