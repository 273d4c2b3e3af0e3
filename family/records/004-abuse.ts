/** Labels about numbers: told by the messenger, and the company's own about its people (`abuse/tables.ts`). */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	// Numbers that were verified before have none until they are verified again: the number itself is not here.
	await schema.alterTable("verified_phone").addColumn("pair_name", "text").execute();
	await schema.createIndex("verified_phone_pair_name").on("verified_phone").column("pair_name").execute();
	await schema
		.createTable("told_label")
		.addColumn("subject", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("generation", "bigint", (column) => column.notNull())
		.addColumn("label", "text", (column) => column.notNull())
		.addColumn("score_class", "text")
		.addColumn("case_id", "text")
		.addColumn("contact", "text", (column) => column.notNull())
		.addColumn("told_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("told_label_pk", ["subject", "purpose", "generation"])
		.execute();
	await schema
		.createTable("own_label")
		.addColumn("label_id", "integer", (column) => column.primaryKey().autoIncrement())
		.addColumn("person_id", "text", (column) => column.notNull().unique())
		.addColumn("label", "text", (column) => column.notNull())
		.addColumn("score_class", "text", (column) => column.notNull())
		.addColumn("since_ms", "bigint", (column) => column.notNull())
		.addColumn("until_ms", "bigint", (column) => column.notNull())
		.addColumn("proved_name", "text")
		.addColumn("proof", "bytea")
		.execute();
	await versions(db);
}

/** The version of the list that the messenger's bridge reads, kept by triggers: whoever changes something changes it. */
async function versions(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createTable("own_label_version")
		.addColumn("id", "integer", (column) => column.primaryKey())
		.addColumn("version", "integer", (column) => column.notNull())
		.execute();
	await sql`insert into own_label_version (id, version) values (1, 1)`.execute(db);
	const bump = "begin update own_label_version set version = version + 1; end";
	const labelled = (row: string) => `exists (select 1 from own_label where person_id = ${row}.person_id)`;
	for (const statement of [
		`create trigger own_label_in after insert on own_label ${bump}`,
		`create trigger own_label_out after delete on own_label ${bump}`,
		`create trigger own_label_number_in after insert on verified_phone when ${labelled("new")} ${bump}`,
		`create trigger own_label_number_out after delete on verified_phone when ${labelled("old")} ${bump}`,
	])
		await sql.raw(statement).execute(db);
}

export const abuse: Migration = { up };
