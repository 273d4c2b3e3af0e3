/** Bytes that stand in an entry or beside it as a content-addressed blob (hazard 8). */
import { sha256 } from "@noble/hashes/sha2.js";
import { type BlobId, type Bulk, idBytes, isRefusal, readBlobId, toHex } from "@troth/protocol";
import { Unreadable } from "../content/unreadable.ts";
import { type Evidence, Need } from "./needs.ts";
import type { Rpc } from "./rpc.ts";

/** The bytes, where they are here already. Throws Need, or Unreadable: `Malformed`, `BlobMissing`. */
export function bulkBytes(bulk: Bulk | undefined, evidence: Evidence): Uint8Array {
	if (bulk?.body.case === "inline") return bulk.body.value;
	if (bulk?.body.case === "blob") return blobBytes(bulk.body.value.sha256, evidence);
	throw new Unreadable("Malformed");
}

/** The blob with this address. Throws like `bulkBytes`. */
export function blobBytes(address: Uint8Array, evidence: Evidence): Uint8Array {
	const blob = readBlobId(address);
	if (blob === undefined) throw new Unreadable("Malformed");
	if (!evidence.blobs.has(blob)) throw new Need({ kind: "blob", blob });
	const bytes = evidence.blobs.get(blob);
	if (bytes === undefined) throw new Unreadable("BlobMissing");
	return bytes;
}

/** SHA-256 of the bytes, hex, without fetching them. */
export function bulkDigest(bulk: Bulk | undefined): string | undefined {
	if (bulk?.body.case === "inline") return toHex(sha256(bulk.body.value));
	return bulk?.body.case === "blob" ? toHex(bulk.body.value.sha256) : undefined;
}

/** Fetches a blob; undefined where the server has none or gives bytes with another hash. */
export async function fetchBlob(rpc: Rpc, blob: BlobId): Promise<Uint8Array | undefined> {
	try {
		const { data } = await rpc.blobs.getBlob({ sha256: idBytes(blob) });
		return toHex(sha256(data)) === blob ? data : undefined;
	} catch (error) {
		if (isRefusal(error, "NOT_FOUND", "FORBIDDEN")) return undefined;
		throw error;
	}
}
