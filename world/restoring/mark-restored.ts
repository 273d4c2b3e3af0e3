/**
 * Says of a data directory that it came back from a backup, before anything starts on it: devices are then shown a gap
 * instead of waiting for what is gone (hazard 21), and no log signs anything before its witnesses have said how far it
 * was.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { bumpGeneration } from "@troth/storage";

export interface Marked {
	/** Of the messenger's logs, from now on; undefined where there are none. */
	readonly generation: number | undefined;
	/** Directories of logs, relative to the data directory. */
	readonly logs: readonly string[];
}

/** A tile log has this file as soon as it has signed anything. */
const SIGNED = "signed";
const RESTORED = "restored";

/** Rejects with StoreError where a server runs on it. May be repeated. */
export async function markRestored(dataDir: string): Promise<Marked> {
	const logs = join(dataDir, "messenger", "logs.sqlite");
	// First, because it fails while a server runs.
	const generation = existsSync(logs) ? await bumpGeneration(logs) : undefined;
	const signed = readdirSync(dataDir, { recursive: true, encoding: "utf8" })
		.filter((name) => name.split("/").at(-1) === SIGNED)
		.map((name) => dirname(join(dataDir, name)))
		.sort();
	for (const directory of signed) writeFileSync(join(directory, RESTORED), "", { mode: 0o600, flush: true });
	return { generation, logs: signed.map((directory) => relative(dataDir, directory)) };
}
