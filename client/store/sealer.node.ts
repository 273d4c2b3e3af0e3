/**
 * The key of a profile on Node, in one of two forms that are named for what they are:
 *
 * - `passphrase`: the key is encrypted under the passphrase (scrypt). Who has the files has to guess it.
 * - `key-file`: the key lies beside the data, in a file that only its owner may read. This protects where the database
 *   alone gets away (a copy, an upload for support), and against nobody who can read the whole profile.
 *
 * Neither protects against a program that runs as the same user while the profile is open.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes, scrypt } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { LocalStoreError } from "./errors.ts";
import type { Sealer } from "./sealed-store.ts";
import { contextBytes, joinSealed, NONCE_BYTES, splitSealed, TAG_BYTES, tampered } from "./sealed-value.ts";

const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** First byte of the key file, then the form, then what the form needs. */
const FILE_VERSION = 1;
const FORM = { keyFile: 0, passphrase: 1 } as const;

/** RFC 7914. 2^17 takes 128 MiB and about a third of a second. */
const SCRYPT_LOG_COST = 17;
const SCRYPT_BLOCK_SIZE = 8;
/** What this program is willing to compute for a file it reads. */
const SCRYPT_LOG_COST_MAX = 20;

export interface SealerOptions {
	/** Protects the profile from its first opening on. */
	readonly passphrase?: string | undefined;
	/** log2 of scrypt's cost for a new passphrase; lower than the default only in tests. */
	readonly scryptLogCost?: number;
}

/**
 * Opens the key in the file at `path`, and makes one where there is no file.
 * Rejects with PassphraseRequired, WrongPassphrase, NoPassphraseSet, or Unreadable.
 */
export async function openNodeSealer(path: string, options: SealerOptions = {}): Promise<Sealer> {
	const { passphrase } = options;
	const file = readIfThere(path);
	if (file === undefined) {
		const key = randomBytes(KEY_BYTES);
		const body =
			passphrase === undefined
				? Buffer.concat([Uint8Array.of(FILE_VERSION, FORM.keyFile), key])
				: await lock(key, passphrase, options.scryptLogCost ?? SCRYPT_LOG_COST);
		writeDurably(path, body);
		return sealerWith(key, passphrase === undefined ? "key-file" : "passphrase");
	}
	const [version, form] = file;
	const body = file.subarray(2);
	if (version === FILE_VERSION && form === FORM.keyFile && body.length === KEY_BYTES) {
		if (passphrase !== undefined) {
			throw new LocalStoreError("NoPassphraseSet", "this profile was made without a passphrase");
		}
		return sealerWith(body, "key-file");
	}
	if (version === FILE_VERSION && form === FORM.passphrase && body.length === LOCKED_BYTES) {
		if (passphrase === undefined) {
			throw new LocalStoreError("PassphraseRequired", "this profile is protected by a passphrase");
		}
		return sealerWith(await unlock(body, passphrase), "passphrase");
	}
	throw new LocalStoreError("Unreadable", "the profile's key file is damaged or of a later version");
}

/** log2 of the cost (1 byte), salt, sealed key. */
const LOCKED_BYTES = 1 + SALT_BYTES + 1 + NONCE_BYTES + KEY_BYTES + TAG_BYTES;
const LOCK_CONTEXT = "profile key";

async function lock(key: Uint8Array, passphrase: string, logCost: number): Promise<Uint8Array> {
	const salt = randomBytes(SALT_BYTES);
	const wrapping = await wrappingKey(passphrase, salt, logCost);
	return Buffer.concat([
		Uint8Array.of(FILE_VERSION, FORM.passphrase, logCost),
		salt,
		seal(wrapping, LOCK_CONTEXT, key),
	]);
}

async function unlock(body: Uint8Array, passphrase: string): Promise<Uint8Array> {
	const logCost = body[0] ?? 0;
	if (logCost < 1 || logCost > SCRYPT_LOG_COST_MAX) {
		throw new LocalStoreError("Unreadable", "the profile's key file is damaged");
	}
	const wrapping = await wrappingKey(passphrase, body.subarray(1, 1 + SALT_BYTES), logCost);
	try {
		return open(wrapping, LOCK_CONTEXT, body.subarray(1 + SALT_BYTES));
	} catch (cause) {
		throw new LocalStoreError("WrongPassphrase", "not the passphrase of this profile", { cause });
	}
}

const deriveKey = promisify<string, Uint8Array, number, object, Buffer>(scrypt);

async function wrappingKey(passphrase: string, salt: Uint8Array, logCost: number): Promise<KeyObject> {
	const cost = 2 ** logCost;
	// The same words on every keyboard.
	const words = passphrase.normalize("NFKC");
	const options = { N: cost, r: SCRYPT_BLOCK_SIZE, p: 1, maxmem: 2 * 128 * cost * SCRYPT_BLOCK_SIZE };
	return takeKey(await deriveKey(words, salt, KEY_BYTES, options));
}

/** The key as an object; its bytes are zeroed. */
function takeKey(bytes: Uint8Array): KeyObject {
	const key = createSecretKey(bytes);
	bytes.fill(0);
	return key;
}

function sealerWith(keyBytes: Uint8Array, protection: Sealer["protection"]): Sealer {
	const key = takeKey(keyBytes);
	return {
		protection,
		seal: async (context, plaintext) => seal(key, context, plaintext),
		open: async (context, sealed) => open(key, context, sealed),
	};
}

function seal(key: KeyObject, context: string, plaintext: Uint8Array): Uint8Array {
	const nonce = randomBytes(NONCE_BYTES);
	const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
	cipher.setAAD(contextBytes(context));
	return joinSealed(nonce, Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

function open(key: KeyObject, context: string, sealed: Uint8Array): Uint8Array {
	const { nonce, ciphertext } = splitSealed(sealed);
	const body = ciphertext.length - TAG_BYTES;
	const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
	decipher.setAAD(contextBytes(context));
	decipher.setAuthTag(ciphertext.subarray(body));
	try {
		// Copied: a Buffer of the pool would share its memory with strangers.
		return Uint8Array.from(Buffer.concat([decipher.update(ciphertext.subarray(0, body)), decipher.final()]));
	} catch (cause) {
		throw tampered(cause);
	}
}

function readIfThere(path: string): Uint8Array | undefined {
	try {
		return Uint8Array.from(readFileSync(path));
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw new LocalStoreError("Failed", "the profile's key file can not be read", { cause });
	}
}

/** All of the file or none of it, also when the power goes: a half-written key would lose the profile. */
function writeDurably(path: string, body: Uint8Array): void {
	const folder = dirname(path);
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const draft = `${path}.new`;
	const file = openSync(draft, "w", 0o600);
	try {
		writeSync(file, body);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	renameSync(draft, path);
	const directory = openSync(folder, "r");
	try {
		fsyncSync(directory);
	} finally {
		closeSync(directory);
	}
}
