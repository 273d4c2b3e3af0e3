/** One account has several names at one recipient: shares by their subject; and what is about nobody, for everybody. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.alterTable("share")
		.addColumn("subject", "text", (column) => column.notNull().defaultTo(""))
		.execute();
	await sql`update share set subject = json_extract(record, '$.subject')`.execute(db);
	await db.schema
		.createTable("published_value")
		.addColumn("leaf_index", "integer", (column) => column.primaryKey())
		.addColumn("value_list", "text", (column) => column.notNull())
		.execute();
}

export const residual: Migration = { up };
