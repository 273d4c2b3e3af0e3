import type { Kysely, Transaction } from "kysely";
import type { DoorRecords } from "../store/schema.ts";

/** The version of all labels together. */
export async function labelVersion(records: Kysely<DoorRecords>): Promise<number> {
	const { version } = await records.selectFrom("label_version").select("version").executeTakeFirstOrThrow();
	return version;
}

/** Something has changed. */
export async function bumpLabels(records: Kysely<DoorRecords> | Transaction<DoorRecords>): Promise<void> {
	await records
		.updateTable("label_version")
		.set((eb) => ({ version: eb("version", "+", 1) }))
		.execute();
}
