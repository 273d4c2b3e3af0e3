/** Devices that are not here for long: when their account was warned, and that they were unlinked for it. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema.alterTable("device").addColumn("idle_warned_at_ms", "bigint").execute();
	await db.schema
		.alterTable("device")
		.addColumn("unlinked", "integer", (column) => column.notNull().defaultTo(0))
		.execute();
}

export const linkedDevices: Migration = { up };
