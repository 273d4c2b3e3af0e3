/** Objections to what the host says of people without being asked for, on their way to the host. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up({ schema }: Kysely<unknown>): Promise<void> {
	await schema
		.createTable("objection")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("digest", "text", (column) => column.notNull())
		.addColumn("objected_at_ms", "bigint", (column) => column.notNull())
		.addColumn("heard_at_ms", "bigint")
		.addColumn("kept_at_ms", "bigint")
		.addPrimaryKeyConstraint("objection_pk", ["account_id", "purpose"])
		.execute();
}

export const objections: Migration = { up };
