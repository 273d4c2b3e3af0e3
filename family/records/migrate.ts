/** Brings a records store to the schema of this version. Migrations are numbered and never edited once they landed. */
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { people } from "./001-people.ts";
import { ads } from "./002-ads.ts";
import { metrics } from "./003-metrics.ts";
import { abuse } from "./004-abuse.ts";
import { sums } from "./005-sums.ts";
import type { Records } from "./schema.ts";

/** Applies what is missing, all or nothing. Rejects with the engine's error; the store is then as it was. */
export async function migrateRecords(records: Kysely<Records>): Promise<void> {
	const migrator = new Migrator({
		db: records,
		provider: {
			getMigrations: async () => ({
				"001-people": people,
				"002-ads": ads,
				"003-metrics": metrics,
				"004-abuse": abuse,
				"005-sums": sums,
			}),
		},
	});
	const { error } = await migrator.migrateToLatest();
	if (error !== undefined) throw error;
}
