/**
 * Verifying Ed25519 with Node's own OpenSSL, which is about ten times as fast as JavaScript: whoever takes in shares or
 * audits a log verifies little else.
 */
import { createPublicKey, verify } from "node:crypto";

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Is this an Ed25519 signature of the bytes? Strict as in RFC 8032: small-order keys sign nothing. */
export function verifyEd25519(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
	if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
	try {
		const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
		return verify(null, bytes, key, signature);
	} catch {
		return false;
	}
}
