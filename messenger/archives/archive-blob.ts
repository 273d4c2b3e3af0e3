/**
 * How a part lies in the blob store: after a mark of its own, so that no part is ever the same blob as a tree or a commit,
 * which others read and which must not go when an archive does.
 */
import { createHash } from "node:crypto";
import { type AccountId, type BlobId, idBytes } from "@troth/protocol";

const MARK = new TextEncoder().encode("troth archive part\0");
/** Mark, account, archive, number. */
const MARK_BYTES = MARK.length + 16 + 16 + 4;

export interface PartAddress {
	readonly account: AccountId;
	/** 16 bytes, hex. */
	readonly archive: string;
	readonly part: number;
}

/** The blob of a part, and its address in the blob store. */
export function toBlob(
	{ account, archive, part }: PartAddress,
	data: Uint8Array,
): { readonly blob: BlobId; readonly bytes: Uint8Array } {
	const number = Buffer.alloc(4);
	number.writeUInt32BE(part);
	const bytes = Buffer.concat([MARK, idBytes(account), Buffer.from(archive, "hex"), number, data]);
	return { blob: createHash("sha256").update(bytes).digest("hex") as BlobId, bytes };
}

export function fromBlob(bytes: Uint8Array): Uint8Array {
	return bytes.subarray(MARK_BYTES);
}
