/**
 * C2SP tlog-cosignature, `cosignature/v1`: a witness says that at this time this was the largest consistent tree of
 * this log that it had seen.
 */
import { ed25519Key, verifyEd25519 } from "@troth/protocol/ed25519.ts";
import type { NoteSignature } from "../note/signed-note.ts";
import { COSIGNATURE_V1, formatVerifierKey, parseVerifierKey } from "../note/verifier-key.ts";

const TIMESTAMP_BYTES = 8;
const SIGNATURE_BYTES = 64;
export const COSIGNATURE_BYTES = TIMESTAMP_BYTES + SIGNATURE_BYTES;

export interface Cosigner {
	readonly name: string;
	readonly vkey: string;
	/** Cosigns a checkpoint's text as of this time, in whole seconds since 1970. */
	cosign(text: string, atSeconds: number): NoteSignature;
}

/** A witness's signer from a 32-byte seed. Throws RangeError for a name that can not be a key's. */
export function cosigner(name: string, seed: Uint8Array): Cosigner {
	const key = ed25519Key(seed);
	const vkey = formatVerifierKey(name, COSIGNATURE_V1, key.publicKey);
	const { id } = parseVerifierKey(vkey);
	return {
		name,
		vkey,
		cosign(text, atSeconds) {
			const bytes = new Uint8Array(COSIGNATURE_BYTES);
			new DataView(bytes.buffer).setBigUint64(0, BigInt(atSeconds));
			bytes.set(key.sign(cosignedBytes(text, BigInt(atSeconds))), TIMESTAMP_BYTES);
			return { name, keyId: id, signature: bytes };
		},
	};
}

/** When the witness says it cosigned, in seconds since 1970; undefined where this is not its cosignature of the text. */
export function verifyCosignature(publicKey: Uint8Array, text: string, signature: Uint8Array): number | undefined {
	if (signature.length !== COSIGNATURE_BYTES) return undefined;
	const view = new DataView(signature.buffer, signature.byteOffset, signature.byteLength);
	const timestamp = view.getBigUint64(0);
	// Zero is reserved for statements without a time, and 2^53 seconds are past any clock.
	if (timestamp === 0n || timestamp > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
	const valid = verifyEd25519(publicKey, cosignedBytes(text, timestamp), signature.subarray(TIMESTAMP_BYTES));
	return valid ? Number(timestamp) : undefined;
}

function cosignedBytes(text: string, timestamp: bigint): Uint8Array {
	return new TextEncoder().encode(`cosignature/v1\ntime ${timestamp}\n${text}`);
}
