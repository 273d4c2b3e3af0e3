/** Versions that take away at once, and embargoes that begin once. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { addNarrowing } from "../../consent/create-tables.ts";

async function up(db: Kysely<unknown>): Promise<void> {
	await addNarrowing(db);
}

export const narrowing: Migration = { up };
