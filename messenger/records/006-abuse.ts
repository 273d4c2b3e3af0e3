/** What was done about accounts, what companies said of numbers, reports, and what the door reads of it (`abuse/tables.ts`). */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("abuse_action")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("label", "text", (column) => column.notNull())
		.addColumn("score_class", "text")
		.addColumn("case_id", "text")
		.addColumn("number_mac", "text", (column) => column.notNull())
		.addColumn("generation", "bigint", (column) => column.notNull())
		.addColumn("since_ms", "bigint", (column) => column.notNull())
		.addColumn("until_ms", "bigint", (column) => column.notNull())
		.addColumn("objected_at_ms", "bigint")
		.addColumn("kept_at_ms", "bigint")
		.addPrimaryKeyConstraint("abuse_action_pk", ["account_id", "purpose"])
		.execute();
	await schema.createIndex("abuse_action_end").on("abuse_action").column("until_ms").execute();
	await schema
		.createTable("abuse_block")
		.addColumn("number_mac", "text", (column) => column.primaryKey())
		.addColumn("label", "text", (column) => column.notNull())
		.addColumn("score_class", "text")
		.addColumn("since_ms", "bigint", (column) => column.notNull())
		.addColumn("until_ms", "bigint", (column) => column.notNull())
		.addColumn("kept_until_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("returned_label")
		.addColumn("recipient", "text", (column) => column.notNull())
		.addColumn("subject", "text", (column) => column.notNull())
		.addColumn("label", "text", (column) => column.notNull())
		.addColumn("score_class", "text")
		.addColumn("since_ms", "bigint", (column) => column.notNull())
		.addColumn("until_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("returned_label_pk", ["recipient", "subject"])
		.execute();
	await schema
		.createTable("abuse_report")
		.addColumn("report_id", "integer", (column) => column.primaryKey().autoIncrement())
		.addColumn("reporter_account_id", "text", (column) => column.notNull())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("reason", "text", (column) => column.notNull())
		.addColumn("reported_at_ms", "bigint", (column) => column.notNull())
		.addUniqueConstraint("abuse_report_once", ["reporter_account_id", "account_id", "reason"])
		.execute();
	await schema.createIndex("abuse_report_about").on("abuse_report").column("account_id").execute();
	await createViews(db);
}

/**
 * One per purpose, with its fields and the number that the name at a recipient is made of. Who objected is not in them
 * until the operator has decided.
 */
async function createViews(db: Kysely<unknown>): Promise<void> {
	for (const [purpose, field] of [
		["spam_and_abuse", "score_class"],
		["security", "case_id"],
		["infringement", "case_id"],
	])
		await sql
			.raw(`create view share_${purpose} as
				select action.account_id, action.generation, account.phone as phone, action.label, action.${field}
				from abuse_action as action join account on account.account_id = action.account_id
				where action.purpose = '${purpose}' and action.objected_at_ms is null`)
			.execute(db);
}

export const abuse: Migration = { up };
