/** Ed25519 (RFC 8032) over `node:crypto`, for raw keys of 32 bytes. */
import { createPublicKey, verify } from "node:crypto";

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Does the signature cover exactly these bytes under this key? False, too, where the key is none. */
export function verifyEd25519(key: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
	if (key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
	try {
		const x = Buffer.from(key).toString("base64url");
		const imported = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
		return verify(null, bytes, imported, signature);
	} catch {
		return false;
	}
}
