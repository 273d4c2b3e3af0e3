import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DeleteArchiveRequest, DeleteArchiveResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { readArchiveId } from "./read-archive-id.ts";
import { sweepArchives } from "./sweep-archives.ts";

/** Deletes an archive of the caller's account; nothing happens where there is none. Refuses with MALFORMED. */
export async function deleteArchive(
	context: MessengerContext,
	{ archiveId }: DeleteArchiveRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof DeleteArchiveResponseSchema>> {
	await context.records
		.updateTable("archive")
		.set({ expires_at_ms: 0 })
		.where("account_id", "=", account)
		.where("archive_id", "=", readArchiveId(archiveId))
		.execute();
	await sweepArchives(context);
	return {};
}
