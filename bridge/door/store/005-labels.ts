/** Labels that recipients give back, by pseudonym, and the version that the messenger reads them under. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("returned_label")
		.addColumn("recipient", "text", (column) => column.notNull())
		.addColumn("subject", "text", (column) => column.notNull())
		.addColumn("label", "text", (column) => column.notNull())
		.addColumn("score_class", "text", (column) => column.notNull())
		.addColumn("since_ms", "integer", (column) => column.notNull())
		.addColumn("until_ms", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("returned_label_pk", ["recipient", "subject"])
		.execute();
	await schema
		.createTable("label_version")
		.addColumn("id", "integer", (column) => column.primaryKey())
		.addColumn("version", "integer", (column) => column.notNull())
		.execute();
	// At a random number: after a loss of this store the messenger must not take another list for the one it has.
	await sql`insert into label_version (id, version) values (1, 1 + abs(random() % 1000000000))`.execute(db);
}

export const labels: Migration = { up };
