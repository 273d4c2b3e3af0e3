/**
 * The running hash of a log (hazard 14): what two members compare, inside the ciphertext, to find out that a server
 * showed them different histories.
 */
import { fromHex } from "./ids.ts";

export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export interface HashedEntry {
	readonly seq: number;
	/** Number of the `EntryKind`. */
	readonly kind: number;
	/** Hex; empty for the server's own entries. */
	readonly senderDevice: string;
	readonly payload: Uint8Array;
}

export const EMPTY_LOG_HASH: Uint8Array<ArrayBuffer> = new Uint8Array(32);

/** digest(n) = SHA-256(seq as 8 bytes big endian || kind as 1 byte || sender device || payload). */
export function entryDigest(entry: HashedEntry, sha256: Sha256): Uint8Array {
	const sender = fromHex(entry.senderDevice) ?? new Uint8Array(0);
	const bytes = new Uint8Array(9 + sender.length + entry.payload.length);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(entry.seq));
	bytes[8] = entry.kind;
	bytes.set(sender, 9);
	bytes.set(entry.payload, 9 + sender.length);
	return sha256(bytes);
}

/** H(n) = SHA-256(H(n-1) || digest(n)). */
export function extendLogHash(previous: Uint8Array, digest: Uint8Array, sha256: Sha256): Uint8Array {
	const bytes = new Uint8Array(previous.length + digest.length);
	bytes.set(previous);
	bytes.set(digest, previous.length);
	return sha256(bytes);
}
