/** Opens the store of the logs. */
import { MemoryLogStore } from "./memory/log-store.ts";
import type { LogStore } from "./ports.ts";

export type LogsAt = { readonly kind: "memory" };

/** The logs' store. The caller disposes it: its worker ends with it. */
export async function openLogs(at: LogsAt): Promise<LogStore> {
	switch (at.kind) {
		case "memory":
			return new MemoryLogStore();
	}
}
