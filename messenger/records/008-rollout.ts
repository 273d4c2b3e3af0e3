/**
 * The rollout of a version as a job with progress, its reminders, counts that are kept as the rows change, and what the
 * operator looked up (`terms/tables.ts`, `operator/tables.ts`).
 */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	await rollouts(db);
	await tallies(db);
	await audit(db);
}

async function rollouts(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	// A rollout that is under way begins anew, by accounts: a device may hear of it twice.
	await schema.alterTable("terms_rollout").dropColumn("after_device").execute();
	for (const name of ["after_account", "until_account"])
		await schema
			.alterTable("terms_rollout")
			.addColumn(name, "text", (column) => column.notNull().defaultTo(""))
			.execute();
	for (const name of ["accounts", "devices", "begun_at_ms"])
		await schema
			.alterTable("terms_rollout")
			.addColumn(name, "bigint", (column) => column.notNull().defaultTo(0))
			.execute();
	await schema.alterTable("terms_rollout").addColumn("ended_at_ms", "bigint").execute();
	await schema
		.createTable("terms_reminder")
		.addColumn("version", "integer", (column) => column.notNull())
		.addColumn("day", "integer", (column) => column.notNull())
		.addColumn("after_ms", "bigint", (column) => column.notNull())
		.addColumn("after_account", "text", (column) => column.notNull())
		.addColumn("until_ms", "bigint", (column) => column.notNull())
		.addColumn("until_account", "text", (column) => column.notNull())
		.addColumn("accounts", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("terms_reminder_pk", ["version", "day"])
		.execute();
	await sql`
		create index standing_displayed on standing (notice_version, notice_displayed_at_ms, account_id)
		where notice_version is not null
	`.execute(db);
	await sql`
		create index standing_deadline on standing (notice_version, deadline_ms) where notice_version is not null
	`.execute(db);
}

/** What is counted, in SQL over a row called `new` or `old`. */
const TALLIES = [
	{ table: "notice_displayed", kind: "displayed", key: (row: string) => `${row}version` },
	{ table: "terms_acceptance", kind: "accepted", key: (row: string) => `${row}version` },
	{ table: "standing", kind: "holds", key: (row: string) => `coalesce(${row}accepted_version, 0)` },
	{
		table: "consent_choice",
		kind: "choice",
		key: (row: string) => `${row}purpose || ' ' || lower(hex(${row}purpose_hash)) || ' ' || ${row}state`,
	},
] as const;

/** Triggers, so that a count is right whoever changes the rows, and costs the reader nothing. */
async function tallies(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createTable("terms_tally")
		.addColumn("kind", "text", (column) => column.notNull())
		.addColumn("key", "text", (column) => column.notNull())
		.addColumn("count", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("terms_tally_pk", ["kind", "key"])
		.execute();
	for (const { table, kind, key } of TALLIES) {
		const more = `insert into terms_tally (kind, key, count) values ('${kind}', ${key("new.")}, 1)
			on conflict (kind, key) do update set count = count + 1;`;
		const less = `update terms_tally set count = count - 1 where kind = '${kind}' and key = ${key("old.")};`;
		for (const statement of [
			`insert into terms_tally (kind, key, count) select '${kind}', ${key("")}, count(*) from ${table} group by 2`,
			`create trigger ${table}_tally_in after insert on ${table} begin ${more} end`,
			`create trigger ${table}_tally_out after delete on ${table} begin ${less} end`,
			`create trigger ${table}_tally_change after update on ${table}
				when ${key("old.")} <> ${key("new.")} begin ${less} ${more} end`,
		])
			await sql.raw(statement).execute(db);
	}
}

/** Nothing in the product takes an entry back: the store itself refuses to. */
async function audit(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createTable("operator_audit")
		.addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
		.addColumn("at_ms", "bigint", (column) => column.notNull())
		.addColumn("action", "text", (column) => column.notNull())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("reason", "text", (column) => column.notNull())
		.execute();
	for (const change of ["update", "delete"])
		await sql
			.raw(`create trigger operator_audit_no_${change} before ${change} on operator_audit
				begin select raise(abort, 'the operator''s audit is never changed'); end`)
			.execute(db);
	await db.schema
		.createTable("operator_session")
		.addColumn("session_digest", "text", (column) => column.primaryKey())
		.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
		.execute();
}

export const rollout: Migration = { up };
