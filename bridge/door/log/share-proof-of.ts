/** A record of the door's store as others get to see it: opened, with its proof. */
import { create } from "@bufbuild/protobuf";
import { type ShareProof, ShareProofSchema } from "@troth/protocol";
import { linkOf, saltOf } from "@troth/transparency";
import type { ShareRow } from "../store/schema.ts";
import type { Checkpointed, ShareLog } from "./share-log.ts";

/**
 * The leaf of this row, opened, under the newest checkpoint of this kind. Throws RangeError where that does not
 * cover the leaf yet.
 */
export function shareProofOf(
	log: ShareLog,
	row: Pick<ShareRow, "record" | "n" | "context" | "leaf_index">,
	shareKey: Uint8Array,
	checkpointed: Checkpointed,
): ShareProof {
	const proof = log.prove(row.leaf_index, checkpointed);
	return create(ShareProofSchema, {
		record: new TextEncoder().encode(row.record),
		salt: saltOf(shareKey, row.n),
		chain: linkOf(shareKey, row.n),
		context: row.context,
		proof: new TextEncoder().encode(proof),
	});
}
