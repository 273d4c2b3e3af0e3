/**
 * Copies a data directory while everything on it runs. Each part of the copy is one moment of its part, and the order is
 * such that they fit together: a log's tree before the leaves it is made of, the bridge before what it reads, a company
 * after the bridge, so that what was taken back is not there again when the copy comes back.
 */
import { constants } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { copyDatabase } from "@troth/storage";

export interface BackUpFacts {
	/** How much it is. */
	readonly files: number;
	readonly bytes: number;
	readonly databases: readonly string[];
	/** Directories that are not in it. */
	readonly leftOut: readonly string[];
}

/** Why there is no backup. Nothing that was there before has changed. */
export class BackUpError extends Error {
	override readonly name = "BackUpError";
	readonly code: "NOT_ABSOLUTE" | "NOT_EMPTY" | "INSIDE" | "MOVING";

	constructor(code: BackUpError["code"], message: string) {
		super(message);
		this.code = code;
	}
}

const LOGS = join("messenger", "logs.sqlite");
/** The messenger's blobs: what the logs name is there before it is named, so they are copied after these, too. */
const BLOBS = join("messenger", "blobs");
/** What a tile log signed, and what it published of that. */
const TREES = ["checkpoint", "signed"];
const ROUNDS = 100;
/**
 * A device of a gateway. It must not come back: a copy would encrypt again under keys that were used after it was made
 * (hazard 16). The business registers anew.
 */
const DEVICE = "store.db";

/**
 * @param into an absolute path; made, or an empty directory
 * @param copyLogs writes a copy of the messenger's logs to a new file: nobody else can read them while it runs
 *
 * Rejects with BackUpError, StoreError, or the file system's error.
 */
export async function backUp(
	dataDir: string,
	into: string,
	copyLogs: (path: string) => Promise<void>,
): Promise<BackUpFacts> {
	await prepare(dataDir, into);
	const all = await filesIn(dataDir);
	const leftOut = all.filter((name) => basename(name) === DEVICE).map(dirname);
	const names = all.filter((name) => !leftOut.some((directory) => name.startsWith(directory + sep)));
	const databases = names.filter((name) => name.endsWith(".sqlite")).sort(byOrder);
	const besides = names.filter((name) => !/\.sqlite(-\w+)?$/.test(name));
	const logs = new Set(besides.filter((name) => basename(name) === "signed").map(dirname));
	const ofLog = (name: string) => [...logs].some((log) => name.startsWith(log + sep));
	for (const name of besides) if (!ofLog(name)) await copyOne(dataDir, into, name);
	for (const log of logs) await copyLog(dataDir, into, log);
	for (const name of databases) {
		const to = await place(into, name);
		await (name === LOGS ? copyLogs(to) : copyDatabase(join(dataDir, name), to));
		await chmod(to, 0o600);
	}
	const later = (await filesIn(dataDir)).filter((name) => name.startsWith(BLOBS + sep));
	for (const name of later) await copyOne(dataDir, into, name);
	const copied = await filesIn(into);
	const sizes = await Promise.all(copied.map(async (name) => (await stat(join(into, name))).size));
	return { files: copied.length, bytes: sizes.reduce((sum, size) => sum + size, 0), databases, leftOut };
}

async function prepare(dataDir: string, into: string): Promise<void> {
	if (!isAbsolute(into)) throw new BackUpError("NOT_ABSOLUTE", "the directory has to be named from the root on");
	await mkdir(into, { recursive: true, mode: 0o700 });
	if ((await readdir(into)).length > 0) throw new BackUpError("NOT_EMPTY", "there is something in that directory");
	const inside = relative(await realpath(dataDir), await realpath(into));
	if (inside === "" || !inside.startsWith("..")) throw new BackUpError("INSIDE", "it would be a copy of itself");
	await chmod(into, 0o700);
}

/** Relative to the directory, sorted. */
async function filesIn(directory: string): Promise<readonly string[]> {
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => entry.isFile())
		.map((entry) => relative(directory, join(entry.parentPath, entry.name)))
		.sort();
}

/** The witness first, then the bridge; the messenger, which all others follow, last, and its logs after its records. */
function byOrder(a: string, b: string): number {
	return orderOf(a) - orderOf(b) || (a < b ? -1 : 1);
}

function orderOf(name: string): number {
	if (name === LOGS) return 4;
	return { witness: 0, bridge: 1, messenger: 3 }[name.split(sep)[0] ?? ""] ?? 2;
}

/** The tree that was signed, and the files that it is made of. */
async function copyLog(dataDir: string, into: string, log: string): Promise<void> {
	const signed = () => readFile(join(dataDir, log, "signed"));
	for (let round = 0; round < ROUNDS; round++) {
		const before = await signed();
		// What is published is never more than what was signed.
		for (const tree of TREES) await copyOne(dataDir, into, join(log, tree), "again");
		const files = (await filesIn(join(dataDir, log))).filter((name) => !TREES.includes(name));
		for (const name of files) await copyOne(dataDir, into, join(log, name));
		// A tree that grew meanwhile may have replaced files that the copied one needs.
		if (before.equals(await signed())) return;
	}
	throw new BackUpError("MOVING", `${log} grew all the time: try again`);
}

/** A file that went away meanwhile was a draft, or is not needed any more. Files are written once, unless `again`. */
async function copyOne(dataDir: string, into: string, name: string, how?: "again"): Promise<void> {
	const to = await place(into, name);
	try {
		await copyFile(join(dataDir, name), to, how === undefined ? constants.COPYFILE_EXCL : 0);
		await chmod(to, 0o600);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code !== "ENOENT" && code !== "EEXIST") throw error;
	}
}

async function place(into: string, name: string): Promise<string> {
	await mkdir(dirname(join(into, name)), { recursive: true, mode: 0o700 });
	return join(into, name);
}
