/** The service's records store. Migrations are numbered and never edited once they landed. */
import { openRecords, type RecordsAt } from "@troth/storage";
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { beside } from "./001-beside.ts";
import { narrowing } from "./002-narrowing.ts";
import { linking } from "./003-linking.ts";
import { words } from "./004-words.ts";
import { sums } from "./005-sums.ts";
import { deliveries } from "./006-deliveries.ts";
import { objections } from "./007-objections.ts";
import type { BesideRecords } from "./schema.ts";

const MIGRATIONS = {
	"001-beside": beside,
	"002-narrowing": narrowing,
	"003-linking": linking,
	"004-words": words,
	"005-sums": sums,
	"006-deliveries": deliveries,
	"007-objections": objections,
};

/** Opens the store and brings it to the schema of this version. The caller destroys it. Rejects with StoreError. */
export async function openBesideRecords(at: RecordsAt): Promise<Kysely<BesideRecords>> {
	const db = await openRecords<BesideRecords>(at);
	const migrator = new Migrator({
		db,
		provider: { getMigrations: async () => MIGRATIONS },
	});
	const { error } = await migrator.migrateToLatest();
	if (error === undefined) return db;
	await db.destroy();
	throw error;
}
