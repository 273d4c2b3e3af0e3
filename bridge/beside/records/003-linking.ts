/** Links between an account of the host's and one at a recipient, for the door. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { createLinkingView } from "../../consent/create-tables.ts";

async function up(db: Kysely<unknown>): Promise<void> {
	await createLinkingView(db);
}

export const linking: Migration = { up };
