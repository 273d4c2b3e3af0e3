/**
 * A random seed in a file of its own that only its owner may read: what makes an installation itself. Keys are derived
 * from it, never stored. Never in the environment, never in a log.
 */
import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";

export const SEED_BYTES = 32;

/** The file can not be trusted or read; the text says what to do. */
export class SeedError extends Error {
	override readonly name = "SeedError";
}

/**
 * Reads the seed at `path`, or makes one (and the directory) where there is none yet; durable when it resolves.
 * Rejects with SeedError where others can read the file or it holds no seed.
 */
export async function openSeed(path: string): Promise<Uint8Array> {
	const stored = await readSeed(path);
	if (stored !== undefined) return stored;
	await createSeed(path);
	const seed = await readSeed(path);
	if (seed === undefined) throw new SeedError(`${path} vanished while it was being made`);
	return seed;
}

async function readSeed(path: string): Promise<Uint8Array | undefined> {
	let text: string;
	try {
		const { mode } = await stat(path);
		if ((mode & 0o077) !== 0) throw new SeedError(`${path} can be read by others: chmod 600 it, or replace it`);
		text = await readFile(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
	const seed = Buffer.from(text.trim(), "hex");
	if (seed.length !== SEED_BYTES) throw new SeedError(`${path} does not hold a key: restore it from the backup`);
	return seed;
}

/** Durable before it has its name: a half-written key under the right name would lock everybody out. */
async function createSeed(path: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true, mode: 0o700 });
	const fresh = `${path}.${randomBytes(6).toString("hex")}`;
	const file = await open(fresh, "wx", 0o600);
	try {
		await file.writeFile(`${randomBytes(SEED_BYTES).toString("hex")}\n`);
		await file.sync();
	} finally {
		await file.close();
	}
	try {
		await link(fresh, path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	} finally {
		await unlink(fresh);
	}
	const directory = await open(dirname(path), "r");
	await directory.sync().finally(() => directory.close());
}
