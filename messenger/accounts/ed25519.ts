/** Ed25519 (RFC 8032) over `node:crypto`, for keys as they stand in device lists: 32 raw bytes. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { type Label, type Signed, signedBytes } from "@troth/protocol";

export const SIGNATURE_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The key in the form that verifies fast; worth keeping. Undefined where the bytes are no key. */
export function importSignatureKey(raw: Uint8Array): KeyObject | undefined {
	if (raw.length !== SIGNATURE_KEY_BYTES) return undefined;
	try {
		const x = Buffer.from(raw).toString("base64url");
		// As a JWK, because OpenSSL takes ten times as long over the same key as DER or PEM.
		return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
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
