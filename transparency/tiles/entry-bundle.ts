/** Entry bundles of C2SP tlog-tiles: entries one after the other, each after its length in two bytes. */
import { ProofError } from "../proof-error.ts";
import { TILE_WIDTH } from "./tile-path.ts";

export const LONGEST_ENTRY_BYTES = 65_535;
const LENGTH_BYTES = 2;

/** Throws RangeError where an entry is too long to be one. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, 0));
	const view = new DataView(bytes.buffer);
	let at = 0;
	for (const entry of entries) {
		if (entry.length > LONGEST_ENTRY_BYTES) throw new RangeError("an entry has at most 65535 bytes");
		view.setUint16(at, entry.length);
		bytes.set(entry, at + LENGTH_BYTES);
		at += LENGTH_BYTES + entry.length;
	}
	return bytes;
}

/** The entries, as views of the bundle. Throws ProofError (MALFORMED). */
export function decodeEntryBundle(bytes: Uint8Array): Uint8Array[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const entries: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; ) {
		const end = at + LENGTH_BYTES <= bytes.length ? at + LENGTH_BYTES + view.getUint16(at) : Number.POSITIVE_INFINITY;
		if (end > bytes.length || entries.length === TILE_WIDTH)
			throw new ProofError("MALFORMED", "this is no entry bundle");
		entries.push(bytes.subarray(at + LENGTH_BYTES, end));
		at = end;
	}
	return entries;
}
