/**
 * Builds something when its sources changed. A build lies in a folder named after its inputs, so that a server that is
 * running keeps the files it started with, and two builds at once can not mix.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const DIST = join(import.meta.dirname, "dist");

export interface Once {
	/** Before the hash in the folder's name, so that different builds do not forget each other's. */
	readonly prefix: string;
	/** Globs from the root of what decides about the result. */
	readonly inputs: readonly string[];
	/** How many builds stay, this one included: a server may have been started long ago and still serve an older one. */
	readonly kept: number;
	/** Builds into an empty folder. */
	make(draft: string): Promise<void>;
}

/** The folder with the build; made now unless it is there already. Rejects as `make` does, and leaves nothing then. */
export async function buildOnce({ prefix, inputs, kept, make }: Once): Promise<{ readonly root: string }> {
	const root = join(DIST, prefix + (await hashOf(inputs)));
	if (existsSync(root)) return { root };
	await mkdir(DIST, { recursive: true });
	const draft = await mkdtemp(join(DIST, "draft-"));
	try {
		await make(draft);
		// Where another process was faster, its folder has the same bytes.
		if (!existsSync(root)) await rename(draft, root);
	} finally {
		await rm(draft, { recursive: true, force: true });
	}
	await forgetOld(prefix, root, kept);
	return { root };
}

async function hashOf(inputs: readonly string[]): Promise<string> {
	const files: string[] = [];
	for await (const entry of glob(inputs, { cwd: ROOT, withFileTypes: true })) {
		if (entry.isFile() && !/\.test\.tsx?$|[\\/](node_modules|dist)[\\/]/.test(join(entry.parentPath, entry.name)))
			files.push(join(entry.parentPath, entry.name));
	}
	const hash = createHash("sha256");
	for (const file of files.sort()) hash.update(file.slice(ROOT.length)).update(await readFile(file));
	return hash.digest("hex").slice(0, 16);
}

async function forgetOld(prefix: string, current: string, kept: number): Promise<void> {
	const own = new RegExp(`^${prefix}[0-9a-f]{16}$`);
	const builds = (await readdir(DIST)).filter((name) => own.test(name)).map((name) => join(DIST, name));
	const ages = await Promise.all(builds.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
	const old = ages.filter(({ path }) => path !== current).sort((a, b) => b.at - a.at);
	for (const { path } of old.slice(kept - 1)) await rm(path, { recursive: true, force: true });
}
