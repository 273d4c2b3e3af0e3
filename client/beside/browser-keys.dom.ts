/**
 * A browser's memory for people of a host, in IndexedDB. The browser's own key can not be read out where WebCrypto has
 * Ed25519. Where a browser keeps nothing for an embedded page, everything is forgotten with the page.
 */
import { ed25519Key } from "@troth/protocol/ed25519.ts";
import { type IDBPDatabase, openDB } from "idb";
import type { BrowserKey, KeptForPerson, KeyStore } from "./keys.ts";

const NAME = "troth-embedded";
const KEYS = "keys";
const PEOPLE = "people";
const SEED_BYTES = 32;

type StoredKey =
	| { readonly kind: "webcrypto"; readonly pair: CryptoKeyPair }
	| { readonly kind: "seed"; readonly seed: Uint8Array };

export async function openBrowserKeys(): Promise<KeyStore> {
	const db = await openDB(NAME, 1, {
		upgrade(database) {
			database.createObjectStore(KEYS);
			database.createObjectStore(PEOPLE);
		},
	}).catch(() => undefined);
	return db === undefined ? forgetful() : lasting(db);
}

function lasting(db: IDBPDatabase): KeyStore {
	return {
		async key(person) {
			const stored: StoredKey = (await db.get(KEYS, person)) ?? (await newKey());
			await db.put(KEYS, stored, person);
			return toKey(stored);
		},
		read: (person) => db.get(PEOPLE, person),
		write: async (person, kept) => {
			await db.put(PEOPLE, kept, person);
		},
	};
}

function forgetful(): KeyStore {
	const keys = new Map<string, StoredKey>();
	const people = new Map<string, KeptForPerson>();
	return {
		async key(person) {
			const key = keys.get(person) ?? (await newKey());
			keys.set(person, key);
			return toKey(key);
		},
		read: async (person) => people.get(person),
		write: async (person, kept) => void people.set(person, kept),
	};
}

async function newKey(): Promise<StoredKey> {
	try {
		return { kind: "webcrypto", pair: await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]) };
	} catch {
		return { kind: "seed", seed: crypto.getRandomValues(new Uint8Array(SEED_BYTES)) };
	}
}

async function toKey(stored: StoredKey): Promise<BrowserKey> {
	if (stored.kind === "seed") {
		const { publicKey, sign } = ed25519Key(stored.seed);
		return { publicKey, sign: async (bytes) => sign(bytes) };
	}
	const { publicKey, privateKey } = stored.pair;
	return {
		publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)),
		sign: async (bytes) => new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, new Uint8Array(bytes))),
	};
}
