/**
 * The keys that make this installation itself. All are derived from one random seed, made at the first start and kept
 * in a file that only its owner may read: never in the environment, never in a log. A copy of the data directory
 * without this file is not this server: tokens, codes and franking tags made before no longer verify.
 */
import { hkdfSync, randomBytes } from "node:crypto";
import { link, open, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";

export interface Secrets {
	/** HMAC of session tokens. */
	readonly tokenKey: Uint8Array;
	/** HMAC of login challenges. */
	readonly challengeKey: Uint8Array;
	/** HMAC of verification codes, registration tokens and of numbers where only equality matters. */
	readonly registrationKey: Uint8Array;
	/** HMAC of the server's stamp on entries (message franking). */
	readonly frankingKey: Uint8Array;
}

const SEED_BYTES = 32;
const FILE = "messenger.key";

/** The data directory can not be trusted or read; the text says what to do. */
export class SecretsError extends Error {
	override readonly name = "SecretsError";
}

/** Keys that end with the process: for stores that do so too. */
export function temporarySecrets(): Secrets {
	return derive(randomBytes(SEED_BYTES));
}

/** Reads the installation's keys, or makes them where there are none yet. Rejects with SecretsError. */
export async function openSecrets(dataDir: string): Promise<Secrets> {
	const path = join(dataDir, FILE);
	const stored = await readSeed(path);
	if (stored !== undefined) return derive(stored);
	await createSeed(path);
	const seed = await readSeed(path);
	if (seed === undefined) throw new SecretsError(`${path} vanished while it was being made`);
	return derive(seed);
}

async function readSeed(path: string): Promise<Uint8Array | undefined> {
	let text: string;
	try {
		const { mode } = await stat(path);
		if ((mode & 0o077) !== 0) throw new SecretsError(`${path} can be read by others: chmod 600 it, or replace it`);
		text = await readFile(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
	const seed = Buffer.from(text.trim(), "hex");
	if (seed.length !== SEED_BYTES) throw new SecretsError(`${path} does not hold a key: restore it from the backup`);
	return seed;
}

/** Durable before it has its name: a half-written key under the right name would lock everybody out. */
async function createSeed(path: string): Promise<void> {
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
	const directory = await open(join(path, ".."), "r");
	await directory.sync().finally(() => directory.close());
}

function derive(seed: Uint8Array): Secrets {
	const key = (use: string) => new Uint8Array(hkdfSync("sha256", seed, "", `troth/v1/messenger/${use}`, 32));
	return {
		tokenKey: key("session-token"),
		challengeKey: key("login-challenge"),
		registrationKey: key("registration"),
		frankingKey: key("franking"),
	};
}
