/**
 * Hash and signature of the one cipher suite, in the form the parsing and tree parts of ts-mls ask for. Nothing here
 * makes a key, signs or decrypts: the delivery service only compares.
 */
import { hash } from "node:crypto";
import { CIPHER_SUITE } from "@troth/protocol";
import { verifyEd25519 } from "@troth/protocol/ed25519.ts";
import { type CiphersuiteName, ciphersuites } from "ts-mls/crypto/ciphersuite.js";
import type { Hash } from "ts-mls/crypto/hash.js";
import type { Signature } from "ts-mls/crypto/signature.js";

export const SUITE_NAME = "MLS_256_XWING_AES256GCM_SHA512_Ed25519" satisfies CiphersuiteName;
if (ciphersuites[SUITE_NAME] !== CIPHER_SUITE) throw new Error("ts-mls numbers its suites otherwise than the protocol");

/** SHA-512. The parts used here ask for no MAC. */
export const HASH = {
	async digest(data: Uint8Array): Promise<Uint8Array> {
		return new Uint8Array(hash("sha512", data, "buffer"));
	},
} as Hash;

/** Ed25519, verifying only. */
export const SIGNATURE = {
	verify: async (publicKey, message, signature) => verifyEd25519(publicKey, message, signature),
} as Signature;

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.compare(a, b) === 0;
}
