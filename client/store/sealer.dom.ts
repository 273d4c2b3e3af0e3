/**
 * The key of a profile in the browser: an AES-GCM CryptoKey that can not be exported, kept in IndexedDB beside the
 * data (`browser-profile`).
 *
 * What it protects: values copied out of the store (an export, a synced or leaked database file that a script reads)
 * are useless without this browser profile, and no script of the page can read the key's bytes. What it does not:
 * whoever has the whole browser profile on disk, since the browser keeps the key there, and a script that runs in the
 * page's origin, which can use the key as the page does.
 */
import { type DBSchema, openDB } from "idb";
import type { Sealer } from "./sealed-store.ts";
import { contextBytes, joinSealed, NONCE_BYTES, splitSealed, TAG_BYTES, tampered } from "./sealed-value.ts";

interface Schema extends DBSchema {
	keys: { key: string; value: CryptoKey };
}

const KEY_NAME = "local store";

/** Opens the key in the database `name`, which is not the store's own, and makes one where there is none. */
export async function openDomSealer(name: string): Promise<Sealer> {
	const key = await openKey(name);
	return {
		protection: "browser-profile",
		async seal(context, plaintext) {
			const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
			const ciphertext = await crypto.subtle.encrypt(parameters(nonce, context), key, Uint8Array.from(plaintext));
			return joinSealed(nonce, new Uint8Array(ciphertext));
		},
		async open(context, sealed) {
			const { nonce, ciphertext } = splitSealed(sealed);
			try {
				const body = Uint8Array.from(ciphertext);
				return new Uint8Array(await crypto.subtle.decrypt(parameters(Uint8Array.from(nonce), context), key, body));
			} catch (cause) {
				throw tampered(cause);
			}
		},
	};
}

function parameters(nonce: Uint8Array<ArrayBuffer>, context: string): AesGcmParams {
	return { name: "AES-GCM", iv: nonce, additionalData: contextBytes(context), tagLength: 8 * TAG_BYTES };
}

async function openKey(name: string): Promise<CryptoKey> {
	const database = await openDB<Schema>(name, 1, {
		upgrade: (made) => {
			made.createObjectStore("keys");
		},
	});
	try {
		const existing = await database.get("keys", KEY_NAME);
		if (existing !== undefined) return existing;
		const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
		const transaction = database.transaction("keys", "readwrite", { durability: "strict" });
		// Another tab may have been faster while the key was made; a transaction does not wait for one.
		const first = await transaction.store.get(KEY_NAME);
		if (first === undefined) await transaction.store.put(made, KEY_NAME);
		await transaction.done;
		return first ?? made;
	} finally {
		database.close();
	}
}
