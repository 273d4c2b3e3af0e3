/** Use in a week, of people of whom nothing is said but together (`metrics/tables.ts`). */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up({ schema }: Kysely<unknown>): Promise<void> {
	await schema
		.createTable("said_sums")
		.addColumn("subject", "text", (column) => column.notNull())
		.addColumn("said_day", "integer", (column) => column.notNull())
		.addColumn("week", "integer", (column) => column.notNull())
		.addColumn("usage_class", "text", (column) => column.notNull())
		.addColumn("people", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("said_sums_pk", ["subject", "said_day", "usage_class"])
		.execute();
}

export const sums: Migration = { up };
