import type { MessageInitShape } from "@bufbuild/protobuf";
import { fromHex, type ListArchivesRequest, type ListArchivesResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** The archives of the caller's account, the newest first. */
export async function listArchives(
	{ records, clock }: MessengerContext,
	_request: ListArchivesRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof ListArchivesResponseSchema>> {
	const rows = await records
		.selectFrom("archive")
		.leftJoin("archive_part", (join) =>
			join
				.onRef("archive.account_id", "=", "archive_part.account_id")
				.onRef("archive.archive_id", "=", "archive_part.archive_id")
				.on("archive_part.stored", "=", 1),
		)
		.select(["archive.archive_id", "archive.last_part", "archive.created_at_ms", "archive.expires_at_ms"])
		.select(({ fn }) => [
			fn.count<number>("archive_part.part").as("parts"),
			fn.sum<number | null>("archive_part.bytes").as("bytes"),
		])
		.where("archive.account_id", "=", account)
		.where("archive.expires_at_ms", ">", clock.now())
		.groupBy(["archive.archive_id", "archive.last_part", "archive.created_at_ms", "archive.expires_at_ms"])
		.orderBy("archive.created_at_ms", "desc")
		.execute();
	return {
		archives: rows.map((row) => ({
			archiveId: fromHex(row.archive_id) ?? new Uint8Array(),
			parts: Number(row.parts),
			bytes: BigInt(row.bytes ?? 0),
			complete: row.last_part !== null && Number(row.parts) === row.last_part + 1,
			createdAtMs: BigInt(row.created_at_ms),
			expiresAtMs: BigInt(row.expires_at_ms),
		})),
	};
}
