/** A profile's folder: the database, sealed, and its key. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { LocalStoreError } from "./errors.ts";
import type { LocalStore } from "./port.ts";
import { type Sealer, sealStore } from "./sealed-store.ts";
import { openNodeSealer, type SealerOptions } from "./sealer.node.ts";
import { openSqliteStore } from "./sqlite.node.ts";

export const DATABASE_FILE = "store.db";
export const KEY_FILE = "store.key";

export interface ProfileStore {
	readonly store: LocalStore;
	/** What protects it; `sealer.node.ts` says what from. */
	readonly protection: Sealer["protection"];
}

/**
 * Opens the store of the profile in `folder`, and makes it where there is none. One process at a time.
 * Rejects with ProfileInUse, PassphraseRequired, WrongPassphrase, NoPassphraseSet, KeyMissing, WrongKey, Unreadable.
 */
export async function openProfileStore(folder: string, options: SealerOptions = {}): Promise<ProfileStore> {
	const database = join(folder, DATABASE_FILE);
	const keyFile = join(folder, KEY_FILE);
	const used = existsSync(database) && statSync(database).size > 0;
	// First the lock: of two processes that make a profile at once, one makes its key.
	const inner = openSqliteStore(database);
	try {
		if (used && !existsSync(keyFile) && (await inner.range(" ", "~", { limit: 1 })).length > 0) {
			throw new LocalStoreError("KeyMissing", "the profile's key file is gone");
		}
		const sealer = await openNodeSealer(keyFile, options);
		return { store: await sealStore(inner, sealer), protection: sealer.protection };
	} catch (error) {
		await inner[Symbol.asyncDispose]();
		throw error;
	}
}
