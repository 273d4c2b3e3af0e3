/** AES-256-GCM under keys that are derived with HKDF-SHA256: what is sealed begins with its 12 random bytes of nonce. */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** A key of its own for each use of a secret. */
export function deriveKey(secret: Uint8Array, info: string, length: number = KEY_BYTES): Uint8Array<ArrayBuffer> {
	return new Uint8Array(hkdf(sha256, secret, new Uint8Array(), new TextEncoder().encode(info), length));
}

/** @param additionalData what it belongs to: opened elsewhere it is worth nothing */
export async function sealBox(
	key: Uint8Array<ArrayBuffer>,
	additionalData: Uint8Array<ArrayBuffer>,
	plaintext: Uint8Array<ArrayBuffer>,
	random: (length: number) => Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
	const iv = random(NONCE_BYTES);
	const parameters = { name: "AES-GCM", iv, additionalData };
	const ciphertext = await crypto.subtle.encrypt(parameters, await importKey(key, "encrypt"), plaintext);
	const sealed = new Uint8Array(NONCE_BYTES + ciphertext.byteLength);
	sealed.set(iv);
	sealed.set(new Uint8Array(ciphertext), NONCE_BYTES);
	return sealed;
}

/** Undefined where it was not sealed with this key for this place. Never throws on hostile bytes. */
export async function openBox(
	key: Uint8Array<ArrayBuffer>,
	additionalData: Uint8Array<ArrayBuffer>,
	sealed: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
	if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
	const iv = Uint8Array.from(sealed.subarray(0, NONCE_BYTES));
	const ciphertext = Uint8Array.from(sealed.subarray(NONCE_BYTES));
	try {
		const parameters = { name: "AES-GCM", iv, additionalData };
		return new Uint8Array(await crypto.subtle.decrypt(parameters, await importKey(key, "decrypt"), ciphertext));
	} catch {
		return undefined;
	}
}

function importKey(key: Uint8Array<ArrayBuffer>, use: "encrypt" | "decrypt") {
	return crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]);
}
