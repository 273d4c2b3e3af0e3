import { copyFile, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { rounds } from "@troth/protocol/_rounds.ts";
import type { LogEngine } from "./conformance/_log-histories.ts";
import { chat } from "./conformance/_people.ts";
import { testLogs } from "./conformance/logs.ts";
import { type LogStore, openLogs } from "./index.ts";
import { inThread } from "./sqlite/_in-thread-host.ts";
import { SqliteLogStore } from "./sqlite/log-store.ts";

/** Settles almost nothing at once, and never everything. */
const HASTY = { entries: 3, cursors: 5, lines: 9, slice: { logs: 1, cursors: 1, purged: 2 } };

testLogs({ name: "memory", histories: rounds(60), open: () => openLogs({ kind: "memory" }) });
testLogs(sqlite("sqlite", rounds(5), (path) => openLogs({ kind: "sqlite", path })));
// The same engine without its thread and without waiting for the disk: for the search through many histories.
testLogs(
	sqlite("sqlite in this thread", rounds(40), (path) =>
		SqliteLogStore.over(inThread({ path, unsafeSynchronous: "off" })),
	),
);
testLogs(
	sqlite("sqlite in this thread, settling after every few entries", rounds(40), (path) =>
		SqliteLogStore.over(inThread({ path, unsafeSynchronous: "off", settling: HASTY })),
	),
);

function sqlite(name: string, histories: number, openAt: (path: string) => Promise<LogStore>): LogEngine {
	const open = (directory: string) => openAt(join(directory, "logs.sqlite"));
	return {
		name,
		histories,
		open,
		async crash(store, directory) {
			// An answered question means that the worker has nothing left to do: the files are what a crash leaves.
			await store.load(chat);
			const copy = await mkdtemp(join(directory, "crash-"));
			await copyStore(directory, copy);
			await store[Symbol.asyncDispose]();
			await copyStore(copy, directory);
			return open(directory);
		},
	};
}

async function copyStore(from: string, to: string): Promise<void> {
	for (const file of ["logs.sqlite", "logs.sqlite-wal"]) await copyFile(join(from, file), join(to, file));
}
