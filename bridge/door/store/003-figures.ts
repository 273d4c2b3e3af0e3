/** When a recall was asked for, what became of how many records, and the figures that were published last. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

const fate = (row: string) => `case when ${row}.state = 'answered' then ${row}.outcome else ${row}.state end`;

const add = (row: string, count: number, value = fate(row)) => `
	insert into share_tally (purpose, recipient, kind, fate, count)
	values (${row}.purpose, ${row}.recipient, ${row}.kind, ${value}, ${count})
	on conflict (purpose, recipient, kind, fate) do update set count = count + ${count};`;

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema.alterTable("share").addColumn("asked_at_ms", "integer").execute();
	await sql`update share set asked_at_ms = json_extract(record, '$.t') where kind = 'recall'`.execute(db);
	await sql`
		create index share_recall_open on share (asked_at_ms)
		where kind = 'recall' and (outcome is null or outcome <> 'recalled')
	`.execute(db);
	await schema
		.createTable("share_tally")
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("recipient", "text", (column) => column.notNull())
		.addColumn("kind", "text", (column) => column.notNull())
		.addColumn("fate", "text", (column) => column.notNull())
		.addColumn("count", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("share_tally_pk", ["purpose", "recipient", "kind", "fate"])
		.execute();
	await sql`
		insert into share_tally (purpose, recipient, kind, fate, count)
		select purpose, recipient, kind, ${sql.raw(fate("share"))}, count(*) from share group by 1, 2, 3, 4
	`.execute(db);
	// What is forgotten of people who are gone stays counted: the sums say what was recorded since the beginning.
	for (const statement of [
		`create trigger share_tally_in after insert on share begin ${add("new", 1)} end`,
		`create trigger share_tally_change after update of state, outcome on share
			when ${fate("old")} is not ${fate("new")} begin ${add("old", -1)} ${add("new", 1)} end`,
		`create trigger share_tally_out after delete on share when old.state = 'logged'
			begin ${add("old", -1)} ${add("old", 1, "'withheld'")} end`,
	])
		await sql.raw(statement).execute(db);
	await schema
		.createTable("published_figures")
		.addColumn("day", "text", (column) => column.primaryKey())
		.addColumn("figures", "text", (column) => column.notNull())
		.execute();
}

export const figures: Migration = { up };
