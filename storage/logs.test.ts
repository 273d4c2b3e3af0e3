import { copyFile, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { rounds } from "@troth/protocol/_rounds.ts";
import { chat } from "./conformance/_people.ts";
import { type LogEngine, testLogs } from "./conformance/logs.ts";
import { openLogs } from "./index.ts";
import type { SettlingLimits } from "./sqlite/log-settle.ts";
import { SqliteLogStore } from "./sqlite/log-store.ts";

testLogs({ name: "memory", histories: rounds(100), open: () => openLogs({ kind: "memory" }) });
testLogs(sqlite("sqlite"));
testLogs(
	sqlite("sqlite that settles after every few entries", {
		entries: 3,
		cursors: 2,
		lines: 3,
		slice: { logs: 1, cursors: 1, purged: 2 },
	}),
);

function sqlite(name: string, settling?: SettlingLimits): LogEngine {
	const open = (directory: string) => {
		const path = join(directory, "logs.sqlite");
		return settling === undefined ? openLogs({ kind: "sqlite", path }) : SqliteLogStore.open({ path, settling });
	};
	return {
		name,
		histories: rounds(8),
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
