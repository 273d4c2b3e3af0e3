/** Brings a records store to the schema of this version. Migrations are numbered and never edited once they landed. */
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { accounts } from "./001-accounts.ts";
import { sharing } from "./002-sharing.ts";
import { business } from "./003-business.ts";
import { person } from "./004-person.ts";
import { usage } from "./005-usage.ts";
import { abuse } from "./006-abuse.ts";
import { rollout } from "./008-rollout.ts";
import { registrationLock } from "./010-registration-lock.ts";
import { linkedDevices } from "./011-linked-devices.ts";
import { archives } from "./012-archives.ts";
import { presenceAndPush } from "./013-presence-and-push.ts";
import { finding } from "./014-finding.ts";
import { profiles } from "./015-profiles.ts";
import { narrowing } from "./016-narrowing.ts";
import { absence } from "./017-absence.ts";
import type { Records } from "./schema.ts";

/** Applies what is missing, all or nothing. Rejects with the engine's error; the store is then as it was. */
export async function migrateRecords(records: Kysely<Records>): Promise<void> {
	const migrator = new Migrator({
		db: records,
		provider: {
			getMigrations: async () => ({
				"001-accounts": accounts,
				"002-sharing": sharing,
				"003-business": business,
				"004-person": person,
				"005-usage": usage,
				"006-abuse": abuse,
				"008-rollout": rollout,
				"010-registration-lock": registrationLock,
				"011-linked-devices": linkedDevices,
				"012-archives": archives,
				"013-presence-and-push": presenceAndPush,
				"014-finding": finding,
				"015-profiles": profiles,
				"016-narrowing": narrowing,
				"017-absence": absence,
			}),
		},
	});
	const { error } = await migrator.migrateToLatest();
	if (error !== undefined) throw error;
}
