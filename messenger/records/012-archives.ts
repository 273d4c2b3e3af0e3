/** Archives that wait for another device of their account (`archives/`). The parts lie in the blob store. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("archive")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("archive_id", "text", (column) => column.notNull())
		.addColumn("last_part", "integer")
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("archive_key", ["account_id", "archive_id"])
		.execute();
	await schema.createIndex("archive_expires").on("archive").column("expires_at_ms").execute();
	await schema
		.createTable("archive_part")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("archive_id", "text", (column) => column.notNull())
		.addColumn("part", "integer", (column) => column.notNull())
		.addColumn("blob_id", "text", (column) => column.notNull())
		.addColumn("bytes", "integer", (column) => column.notNull())
		.addColumn("stored", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("archive_part_key", ["account_id", "archive_id", "part"])
		.execute();
}

export const archives: Migration = { up };
