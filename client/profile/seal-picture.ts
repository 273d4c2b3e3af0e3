/**
 * A picture as the server keeps it: 12 bytes of nonce, then AES-256-GCM under a key made for it alone. Inside stand its
 * length (4 bytes, big endian), the picture, and zeros up to a multiple of 4096, so that the size tells little. Its id is
 * the additional data: a server that gives another picture is found out.
 */
import { LIMITS } from "@troth/protocol";

export const PICTURE_KEY_BYTES = 32;
export const PICTURE_ID_BYTES = 32;
const NONCE_BYTES = 12;
const LENGTH_BYTES = 4;
const STEP_BYTES = 4096;

/** What only those who may see the picture know of it. */
export interface PictureSecret {
	readonly id: Uint8Array;
	readonly key: Uint8Array;
}

/** @param nonce 12 random bytes */
export async function sealPicture(
	{ id, key }: PictureSecret,
	nonce: Uint8Array,
	picture: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
	const padded = new Uint8Array(Math.ceil((LENGTH_BYTES + picture.length) / STEP_BYTES) * STEP_BYTES);
	new DataView(padded.buffer).setUint32(0, picture.length);
	padded.set(picture, LENGTH_BYTES);
	const sealed = await crypto.subtle.encrypt(parameters(id, nonce), await imported(key, "encrypt"), padded);
	const whole = new Uint8Array(NONCE_BYTES + sealed.byteLength);
	whole.set(nonce);
	whole.set(new Uint8Array(sealed), NONCE_BYTES);
	return whole;
}

/** Undefined where these bytes were not sealed with this secret. */
export async function openPicture(
	{ id, key }: PictureSecret,
	ciphertext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
	if (ciphertext.length > LIMITS.profilePhotoCiphertextBytes) return undefined;
	try {
		const nonce = ciphertext.slice(0, NONCE_BYTES);
		const sealed = ciphertext.slice(NONCE_BYTES);
		const padded = await crypto.subtle.decrypt(parameters(id, nonce), await imported(key, "decrypt"), sealed);
		const length = new DataView(padded).getUint32(0);
		if (length === 0 || length > padded.byteLength - LENGTH_BYTES) return undefined;
		return new Uint8Array(padded.slice(LENGTH_BYTES, LENGTH_BYTES + length));
	} catch {
		return undefined;
	}
}

function parameters(id: Uint8Array, nonce: Uint8Array) {
	return { name: "AES-GCM", iv: new Uint8Array(nonce), additionalData: new Uint8Array(id) };
}

function imported(key: Uint8Array, use: "encrypt" | "decrypt") {
	return crypto.subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, [use]);
}
