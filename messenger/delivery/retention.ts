/**
 * Entries that nobody fetched are kept for 30 days (LIMITS.retentionMs), then deleted; a device that comes later gets a
 * Gap in their place.
 */
import { type Clock, LIMITS } from "@troth/protocol";
import type { LogStore } from "@troth/storage";
import type { LogOwners } from "./log-owners.ts";

export const RETENTION_EVERY_MS = 60 * 60 * 1000;
const LOGS_AT_ONCE = 100;

export class Retention {
	readonly #logs: LogStore;
	readonly #owners: LogOwners;
	readonly #clock: Clock;

	constructor(parts: { logs: LogStore; owners: LogOwners; clock: Clock }) {
		this.#logs = parts.logs;
		this.#owners = parts.owners;
		this.#clock = parts.clock;
	}

	/** Deletes what is too old now. */
	async run(): Promise<void> {
		const before = this.#clock.now() - LIMITS.retentionMs;
		for (;;) {
			const overdue = await this.#logs.olderThan(before, LOGS_AT_ONCE);
			for (const { log, upTo } of overdue) {
				const owner = await this.#owners.open(log);
				await owner?.exclusively(async () => {
					await this.#logs.write([{ kind: "trim", log, upTo }]);
					owner.trimmed = Math.max(owner.trimmed, upTo);
				});
			}
			if (overdue.length < LOGS_AT_ONCE) return;
		}
	}
}
