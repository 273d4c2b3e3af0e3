/** Opens the store of the logs. */
import { MemoryLogStore } from "./memory/log-store.ts";
import type { LogStore } from "./ports.ts";
import { bumpGeneration as bumpFile, type LogDatabaseOptions } from "./sqlite/log-database.ts";
import { SqliteLogStore } from "./sqlite/log-store.ts";
import { toStoreError } from "./sqlite/worker-host.ts";
import { crossed } from "./sqlite/worker-service.ts";

export type LogsAt = ({ readonly kind: "sqlite" } & LogDatabaseOptions) | { readonly kind: "memory" };

/** The logs' store. The caller disposes it: its worker ends with it. Rejects with StoreError. */
export async function openLogs(at: LogsAt): Promise<LogStore> {
	switch (at.kind) {
		case "sqlite":
			return SqliteLogStore.open(at);
		case "memory":
			return new MemoryLogStore();
	}
}

/**
 * Raises the generation of a logs' file and gives the new one: to be called on a file that came back from a backup,
 * before anything is served from it (hazard 21). Nothing else may have it open. Rejects with StoreError.
 */
export async function bumpGeneration(path: string): Promise<number> {
	try {
		return bumpFile(path);
	} catch (error) {
		throw toStoreError(crossed(error));
	}
}
