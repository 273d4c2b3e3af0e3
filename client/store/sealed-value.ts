/** The form of a sealed value: version (1 byte), nonce (12), AES-256-GCM ciphertext with its tag (16). */
import { LocalStoreError } from "./errors.ts";

export const VALUE_VERSION = 1;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES;

export function joinSealed(nonce: Uint8Array, ciphertext: Uint8Array): Uint8Array {
	const sealed = new Uint8Array(HEADER_BYTES + ciphertext.length);
	sealed[0] = VALUE_VERSION;
	sealed.set(nonce, 1);
	sealed.set(ciphertext, HEADER_BYTES);
	return sealed;
}

/** Throws Tampered for bytes that can not be a sealed value of this version. */
export function splitSealed(sealed: Uint8Array): { readonly nonce: Uint8Array; readonly ciphertext: Uint8Array } {
	if (sealed[0] !== VALUE_VERSION || sealed.length < HEADER_BYTES + TAG_BYTES) throw tampered();
	return { nonce: sealed.subarray(1, HEADER_BYTES), ciphertext: sealed.subarray(HEADER_BYTES) };
}

export function tampered(cause?: unknown): LocalStoreError {
	return new LocalStoreError("Tampered", "a stored value was changed or moved", { cause });
}

/** The additional data for a context. */
export function contextBytes(context: string): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(`troth/v1/local-store ${context}`);
}
