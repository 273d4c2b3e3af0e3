/** Versions that take away at once, and embargoes that begin once (`bridge/consent`). */
import { addNarrowing } from "@troth/bridge";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	await addNarrowing(db);
}

export const narrowing: Migration = { up };
