/** Opens the store of the logs. */
import { MemoryLogStore } from "./memory/log-store.ts";
import type { LogStore } from "./ports.ts";
import type { LogDatabaseOptions } from "./sqlite/log-database.ts";
import { SqliteLogStore } from "./sqlite/log-store.ts";

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
