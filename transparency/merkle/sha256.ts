/** SHA-256 (FIPS 180-4) wherever JavaScript runs; Node has a faster way (`sha256.node.ts`). */
import { sha256 as portable } from "@noble/hashes/sha2.js";

/** SHA-256 of the parts, one after the other: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const hash = portable.create();
	for (const part of parts) hash.update(part);
	return hash.digest() as Uint8Array<ArrayBuffer>;
}
