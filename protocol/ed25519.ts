/** Ed25519 (RFC 8032) wherever JavaScript runs; Node has a faster way (`ed25519.node.ts`) with the same answers. */
import { ed25519 } from "@noble/curves/ed25519.js";

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** A private key that is ready to sign. */
export interface Ed25519Key {
	readonly publicKey: Uint8Array;
	sign(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** The key of this seed: 32 bytes, the private key of RFC 8032. Throws RangeError for another length. */
export function ed25519Key(seed: Uint8Array): Ed25519Key {
	if (seed.length !== KEY_BYTES) throw new RangeError("a seed has 32 bytes");
	const secret = Uint8Array.from(seed);
	return {
		publicKey: ed25519.getPublicKey(secret),
		sign: (bytes) => Uint8Array.from(ed25519.sign(bytes, secret)),
	};
}

/** Is this an Ed25519 signature of the bytes? Strict as in RFC 8032: small-order keys sign nothing. */
export function verifyEd25519(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
	if (signature.length !== SIGNATURE_BYTES) return false;
	try {
		return ed25519.verify(signature, bytes, publicKey, { zip215: false });
	} catch {
		return false;
	}
}
