/** Opens the door's own database. */
import { openRecords, type RecordsAt } from "@troth/storage";
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { door } from "./001-door.ts";
import { residual } from "./002-residual.ts";
import { figures } from "./003-figures.ts";
import { chainIndex } from "./004-index.ts";
import { labels } from "./005-labels.ts";
import { outboxMark } from "./006-outbox-mark.ts";
import type { DoorRecords } from "./schema.ts";

/** Opens what there is or makes it, and brings it to this version. The caller destroys it. Rejects with StoreError. */
export async function openDoorStore(at: RecordsAt): Promise<Kysely<DoorRecords>> {
	const records = await openRecords<DoorRecords>(at);
	const migrator = new Migrator({
		db: records,
		provider: {
			getMigrations: async () => ({
				"001-door": door,
				"002-residual": residual,
				"003-figures": figures,
				"004-index": chainIndex,
				"005-labels": labels,
				"006-outbox-mark": outboxMark,
			}),
		},
	});
	const { error } = await migrator.migrateToLatest();
	if (error === undefined) return records;
	await records.destroy();
	throw error;
}
