import type { MessageInitShape } from "@bufbuild/protobuf";
import { type GetArchivePartRequest, type GetArchivePartResponseSchema, Refusal } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { fromBlob } from "./archive-blob.ts";
import { readArchiveId } from "./read-archive-id.ts";

/** One part of an archive of the caller's account. Refuses with MALFORMED, NOT_FOUND. */
export async function getArchivePart(
	{ records, blobs, clock }: MessengerContext,
	{ archiveId, part }: GetArchivePartRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof GetArchivePartResponseSchema>> {
	const archive = readArchiveId(archiveId);
	const row = await records
		.selectFrom("archive_part")
		.innerJoin("archive", (join) =>
			join
				.onRef("archive.account_id", "=", "archive_part.account_id")
				.onRef("archive.archive_id", "=", "archive_part.archive_id"),
		)
		.select(["archive_part.blob_id", "archive.last_part"])
		.where("archive_part.account_id", "=", account)
		.where("archive_part.archive_id", "=", archive)
		.where("archive_part.part", "=", part)
		.where("archive_part.stored", "=", 1)
		.where("archive.expires_at_ms", ">", clock.now())
		.executeTakeFirst();
	const blob = row && (await blobs.get(row.blob_id));
	if (row === undefined || blob === undefined) throw new Refusal("NOT_FOUND", "no such part");
	return { data: fromBlob(blob), last: row.last_part === part };
}
