/** The public share log: its leaves became durable in the door's store together with the position in the outbox. */
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { DoorRecords } from "../store/schema.ts";
import { StoredLog, type StoredLogOptions } from "./stored-log.ts";

export type { Checkpointed, StoredLog as ShareLog } from "./stored-log.ts";

/** What all logs of the door are opened with; each has a directory of its own in `directory`. */
export type DoorLogOptions = Omit<StoredLogOptions, "read">;

/** Opens the log, a new one where there is none. Rejects with TileLogError, ProofError or StoreError. */
export function openShareLog(store: Kysely<DoorRecords>, options: DoorLogOptions): Promise<StoredLog> {
	return StoredLog.open({
		...options,
		directory: join(options.directory, "share-log"),
		read: (from, limit) => readLeaves(store, from, limit),
	});
}

/** Leaves of the share log from this index on. */
export async function readLeaves(
	store: Kysely<DoorRecords>,
	from: number,
	limit: number,
): Promise<readonly Uint8Array[]> {
	const rows = await store
		.selectFrom("leaf")
		.select("bytes")
		.where("leaf_index", ">=", from)
		.orderBy("leaf_index")
		.limit(limit)
		.execute();
	return rows.map(({ bytes }) => bytes);
}
