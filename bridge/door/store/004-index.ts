/** The chain values of all leaves in their order, and the entries of the log of their index (ADR 0010). */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	// Without row ids the table is its own index: a bucket is one run of neighbours.
	await sql`create table chain_value (
		value blob not null, leaf_index integer not null, primary key (value, leaf_index)
	) without rowid`.execute(db);
	await db.schema
		.createTable("chain_index")
		.addColumn("entry_index", "integer", (column) => column.primaryKey())
		.addColumn("size", "integer", (column) => column.notNull())
		.addColumn("entry", "text", (column) => column.notNull())
		.execute();
}

export const chainIndex: Migration = { up };
