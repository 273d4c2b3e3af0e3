/** What the worker of the logs does: one database, questions answered one after the other. */
import type { AccountId, DeviceId, LogId } from "@troth/protocol";
import { settleCopy } from "../copy-database.ts";
import { GroupDecoder } from "./group-decoder.ts";
import { LogCache } from "./log-cache.ts";
import { type LogDatabaseOptions, openLogDatabase, readMeta } from "./log-database.ts";
import { LogQueries, type ReadLimits } from "./log-queries.ts";
import { replay } from "./log-replay.ts";
import { LogSettler, type SettlingLimits } from "./log-settle.ts";
import { type Failure, LogWriter } from "./log-writer.ts";
import type { CrossedError } from "./worker-host.ts";
import { crossed, type Service } from "./worker-service.ts";

export type LogMethods = ReturnType<typeof openLogService>["methods"];

/** The answer to a group. The buffer goes back, to be filled again. */
export interface GroupAnswer {
	readonly buffer: ArrayBuffer;
	/** Transactions that were left out; all others are stored. */
	readonly failures: readonly Failure[];
	/** Set when nothing of the group is stored. */
	readonly error?: CrossedError;
}

/** Of a copy, in one go: some milliseconds. */
const PAGES_AT_ONCE = 1000;

export interface LogServiceOptions extends LogDatabaseOptions {
	/** For tests: settle sooner than is good. */
	readonly settling?: SettlingLimits;
}

/** Opens the database and takes up what is committed but not settled. Throws what the engine throws. */
export function openLogService(options: LogServiceOptions) {
	const db = openLogDatabase(options);
	const generation = readMeta(db, "generation");
	const cache = new LogCache(db);
	replay(db, cache);
	const settler = new LogSettler(db, cache, options.settling);
	const writer = new LogWriter(db, cache);
	const queries = new LogQueries(db, cache, settler);
	const decoder = new GroupDecoder();

	const methods = {
		open: () => generation,
		commit: ({ buffer, length }: { buffer: ArrayBuffer; length: number }): GroupAnswer => {
			try {
				return { buffer, failures: writer.commit(decoder.decode(buffer, length)) };
			} catch (error) {
				return { buffer, failures: [], error: crossed(error) };
			}
		},
		load: (log: LogId) => queries.load(log),
		heads: (logs: readonly LogId[]) => queries.heads(logs),
		findByAlias: (alias: string) => queries.findByAlias(alias),
		subscriptionsOf: (device: DeviceId) => queries.subscriptionsOf(device),
		unreadOf: (device: DeviceId) => queries.unreadOf(device),
		read: ({ log, after, limits }: { log: LogId; after: number; limits: ReadLimits }) =>
			queries.read(log, after, limits),
		progressOf: (logs: readonly LogId[]) => queries.progressOf(logs),
		registers: (logs: readonly LogId[]) => queries.registers(logs),
		olderThan: ({ timeMs, limit }: { timeMs: number; limit: number }) => queries.olderThan(timeMs, limit),
		conversationsOf: (account: AccountId) => queries.conversationsOf(account),
		checkpoint: () => {
			settler.settleAll();
			db.pragma("wal_checkpoint(TRUNCATE)");
		},
		// In steps, so that commits come to their turn; what they change meanwhile is changed in the copy, too.
		copyTo: async (path: string): Promise<void> => {
			await db.backup(path, { progress: () => PAGES_AT_ONCE });
			settleCopy(path);
		},
	};
	return {
		methods,
		afterwards: () => settler.settleIfDue(),
		close: () => {
			try {
				settler.settleAll();
				db.pragma("wal_checkpoint(TRUNCATE)");
			} finally {
				// Also on a full disk: what is not settled is in the file and is replayed at the next opening.
				db.close();
			}
		},
	} satisfies Service<typeof methods>;
}
