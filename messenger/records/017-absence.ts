/** Suspended accounts whose devices stay away: what they were warned of, and a way to find them (`terms/absent-accounts.ts`). */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	for (const name of ["absent_since_ms", "absence_warned_ms", "absence_warned_again_ms"])
		await db.schema.alterTable("account").addColumn(name, "bigint").execute();
	await sql`create index account_absent on account (account_id) where absent_since_ms is not null`.execute(db);
	await sql`
		create index standing_overdue on standing (deadline_ms, account_id) where deadline_ms is not null
	`.execute(db);
}

export const absence: Migration = { up };
