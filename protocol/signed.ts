/** Whether a `Signed` says what it claims to say: each kind of statement is signed under a label of its own. */
import { verifyEd25519 } from "#ed25519";
import type { Signed } from "./gen/troth/v1/identity_pb.ts";
import { type Label, signedBytes } from "./labels.ts";

/** Of a public key as it stands in device lists (RFC 8032 section 5.1.5). */
export const ED25519_KEY_BYTES = 32;

/** Does the signature of this Ed25519 key (32 bytes) cover this statement as this kind of statement? */
export function verifySigned(
	publicKey: Uint8Array,
	label: Label,
	signed: Pick<Signed, "statement" | "signature">,
): boolean {
	return verifyEd25519(publicKey, signedBytes(label, signed.statement), signed.signature);
}
