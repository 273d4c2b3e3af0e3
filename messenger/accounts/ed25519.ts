/** Ed25519 (RFC 8032) over `node:crypto`, for keys as they stand in device lists: 32 raw bytes. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { type Label, type Signed, signedBytes } from "@troth/protocol";

export const SIGNATURE_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** The key in the form that verifies fast; worth keeping. Undefined where the bytes are no key. */
export function importSignatureKey(raw: Uint8Array): KeyObject | undefined {
	if (raw.length !== SIGNATURE_KEY_BYTES) return undefined;
	try {
		// As PEM, because Node takes six times as long over the same bytes as DER.
		const spki = Buffer.concat([SPKI_PREFIX, raw]).toString("base64");
		return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`);
	} catch {
		return undefined;
	}
}

/** Does the signature cover exactly these bytes under this key? */
export function verifySignature(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
	return signature.length === SIGNATURE_BYTES && verify(null, bytes, key, signature);
}

/** Does the signature cover this statement as this kind of statement? */
export function verifySigned(key: KeyObject, label: Label, signed: Signed): boolean {
	return verifySignature(key, signedBytes(label, signed.statement), signed.signature);
}
