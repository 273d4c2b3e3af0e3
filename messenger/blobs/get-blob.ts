import type { MessageInitShape } from "@bufbuild/protobuf";
import { type GetBlobRequest, type GetBlobResponseSchema, Refusal, readBlobId } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

/**
 * The bytes with this SHA-256. Who knows the hash of a commit or tree has it from a log that they may read; the hash
 * is the permission. Refuses with MALFORMED, NOT_FOUND.
 */
export async function getBlob(
	{ blobs }: MessengerContext,
	request: GetBlobRequest,
): Promise<MessageInitShape<typeof GetBlobResponseSchema>> {
	const id = readBlobId(request.sha256);
	if (id === undefined) throw new Refusal("MALFORMED", "a SHA-256 has 32 bytes");
	const data = await blobs.get(id);
	if (data === undefined) throw new Refusal("NOT_FOUND", "no such blob");
	return { data };
}
