/** What the messenger's operator may have done with copies of the data directory, while everything runs. */
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Worker } from "node:worker_threads";
import type { Backups } from "@troth/messenger";
import { parseCheckpoint, parseNote } from "@troth/transparency";
import { BackUpError, backUp } from "./back-up.ts";
import { markRestored } from "./mark-restored.ts";
import type { Checked } from "./verify-data.ts";

const LOGS = join("messenger", "logs.sqlite");

/** Of this data directory, in which all parts have theirs. */
export function backupsOf(dataDir: string): Backups {
	return {
		async take(into, copyLogs) {
			try {
				const facts = await backUp(dataDir, into, copyLogs);
				const checked = await verify(into);
				return { good: isGood(checked), body: { directory: into, ...facts, checked } };
			} catch (error) {
				if (!(error instanceof BackUpError)) throw error;
				return { good: false, body: { error: error.code, message: error.message } };
			}
		},
		async verify(directory) {
			const checked = directory === undefined ? (await verify(dataDir)).map(inUse) : await verify(directory);
			return { good: isGood(checked), body: { directory: directory ?? dataDir, checked } };
		},
		async prepare(directory) {
			const checked = [...(await verify(directory)), ...behind(dataDir, directory)];
			if (!isGood(checked)) return { good: false, body: { error: "UNFIT", directory, checked } };
			return { good: true, body: { directory, checked, ...(await markRestored(directory)) } };
		},
	};
}

function isGood(checked: readonly Checked[]): boolean {
	return checked.every(({ good }) => good);
}

async function verify(directory: string): Promise<readonly Checked[]> {
	if (!existsSync(directory))
		return [{ what: directory, good: false, note: "there is no such directory on the server's machine" }];
	const worker = new Worker(new URL("./verify-worker.ts", import.meta.url), { workerData: directory });
	const [checked] = (await once(worker, "message")) as [readonly Checked[]];
	return checked;
}

/** The logs belong to the running messenger alone: they are checked in a copy. */
function inUse(checked: Checked): Checked {
	return checked.what === LOGS
		? { ...checked, good: true, note: "in use by this server; a copy of it can be checked" }
		: checked;
}

/** A log that is shorter than the one everybody saw would sign another history under the same name (hazard 21). */
function* behind(dataDir: string, directory: string): Generator<Checked> {
	const published = readdirSync(dataDir, { recursive: true, encoding: "utf8" })
		.filter((name) => name.split("/").at(-1) === "checkpoint")
		.map((name) => dirname(join(dataDir, name)))
		.filter((log) => existsSync(join(log, "signed")));
	for (const log of published.sort()) {
		const what = relative(dataDir, log);
		const now = sizeOf(join(log, "checkpoint"));
		const then = sizeOf(join(directory, what, "signed"));
		const good = then >= now;
		const note = good
			? `it is as long as what is published (${now} leaves)`
			: `${now} leaves are published and ${then} are in the copy: with it the log could not go on`;
		yield { what, good, note };
	}
}

function sizeOf(path: string): number {
	return existsSync(path) ? parseCheckpoint(parseNote(readFileSync(path, "utf8")).text).size : 0;
}
