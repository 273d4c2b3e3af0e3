/** Opens the gateway's own records in its directory, at this version. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openRecords } from "@troth/storage";
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { gateway } from "./001-gateway.ts";
import type { GatewayRecords } from "./schema.ts";

/** Rejects with StoreError. */
export async function openGatewayRecords(directory: string): Promise<Kysely<GatewayRecords>> {
	await mkdir(directory, { recursive: true, mode: 0o700 });
	const records = await openRecords<GatewayRecords>({ kind: "sqlite", path: join(directory, "gateway.sqlite") });
	const provider = { getMigrations: async () => ({ "001-gateway": gateway }) };
	const { error } = await new Migrator({ db: records, provider }).migrateToLatest();
	if (error === undefined) return records;
	await records.destroy();
	throw error;
}
