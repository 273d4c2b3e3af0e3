/** Verifying Ed25519 wherever JavaScript runs; Node has a faster way (`verify-ed25519.node.ts`) with the same answers. */
import { ed25519 } from "@noble/curves/ed25519.js";

const SIGNATURE_BYTES = 64;

/** Is this an Ed25519 signature of the bytes? Strict as in RFC 8032: small-order keys sign nothing. */
export function verifyEd25519(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
	if (signature.length !== SIGNATURE_BYTES) return false;
	try {
		return ed25519.verify(signature, bytes, publicKey, { zip215: false });
	} catch {
		return false;
	}
}
