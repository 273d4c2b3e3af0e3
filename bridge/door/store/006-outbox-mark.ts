/** What the last row of the outbox was that is dealt with: an outbox that was restored has another one in its place. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema.alterTable("position").addColumn("outbox_mark", "text").execute();
}

export const outboxMark: Migration = { up };
