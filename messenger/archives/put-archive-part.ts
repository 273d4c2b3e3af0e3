import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type BlobId,
	LIMITS,
	type PutArchivePartRequest,
	type PutArchivePartResponseSchema,
	Refusal,
} from "@troth/protocol";
import type { Transaction } from "kysely";
import type { MessengerContext, Session } from "../context.ts";
import type { Records } from "../records/schema.ts";
import { type PartAddress, toBlob } from "./archive-blob.ts";
import { readArchiveId } from "./read-archive-id.ts";

/**
 * Keeps one part of an archive; durable when it answers. The row is there before the blob is, so that nothing lies in the
 * blob store that nobody would delete. Refuses with MALFORMED, TOO_LARGE, RATE_LIMITED, UNAVAILABLE.
 */
export async function putArchivePart(
	context: MessengerContext,
	{ archiveId, part, data, last }: PutArchivePartRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof PutArchivePartResponseSchema>> {
	const { records, clock, rateLimits } = context;
	const archive = readArchiveId(archiveId);
	if (data.length === 0) throw new Refusal("MALFORMED", "a part is not empty");
	if (data.length > LIMITS.archivePartBytes)
		throw new Refusal("TOO_LARGE", "a part is too large", { limitBytes: LIMITS.archivePartBytes });
	if (part >= LIMITS.archiveParts) throw new Refusal("TOO_LARGE", "an archive has not so many parts");
	rateLimits.archivePart(account);
	const address = { account, archive, part };
	const { blob, bytes } = toBlob(address, data);
	const { expiresAtMs, stored } = await records.transaction().execute(async (transaction) => {
		const expiresAtMs = await openArchive(transaction, address, last, clock.now());
		const stored = await openPart(transaction, address, { blob_id: blob, bytes: data.length });
		return { expiresAtMs, stored };
	});
	if (!stored) await store(context, address, blob, bytes);
	return { expiresAtMs: BigInt(expiresAtMs) };
}

/** A part whose row is there. */
async function store(
	{ records, blobs }: MessengerContext,
	{ account, archive, part }: PartAddress,
	blob: BlobId,
	bytes: Uint8Array,
): Promise<void> {
	try {
		await blobs.put(bytes);
	} catch (error) {
		await records
			.deleteFrom("archive_part")
			.where("account_id", "=", account)
			.where("archive_id", "=", archive)
			.where("part", "=", part)
			.where("stored", "=", 0)
			.execute();
		throw error;
	}
	const { numUpdatedRows } = await records
		.updateTable("archive_part")
		.set({ stored: 1 })
		.where("account_id", "=", account)
		.where("archive_id", "=", archive)
		.where("part", "=", part)
		.executeTakeFirst();
	if (numUpdatedRows > 0n) return;
	// The archive was deleted meanwhile.
	await blobs.delete(blob);
	throw new Refusal("MALFORMED", "the archive is gone");
}

/** Makes the archive with its first part. Gives when it expires. */
async function openArchive(
	transaction: Transaction<Records>,
	{ account, archive, part }: PartAddress,
	last: boolean,
	nowMs: number,
): Promise<number> {
	const rows = await transaction.selectFrom("archive").selectAll().where("account_id", "=", account).execute();
	const known = rows.find((row) => row.archive_id === archive);
	if (known === undefined) {
		if (rows.length >= LIMITS.archivesPerAccount) throw new Refusal("TOO_LARGE", "too many archives wait already");
		const expires_at_ms = nowMs + LIMITS.archiveMs;
		await transaction
			.insertInto("archive")
			.values({
				account_id: account,
				archive_id: archive,
				last_part: last ? part : null,
				created_at_ms: nowMs,
				expires_at_ms,
			})
			.execute();
		return expires_at_ms;
	}
	if (known.expires_at_ms <= nowMs) throw new Refusal("MALFORMED", "the archive is gone");
	await requirePlace(transaction, { account, archive, part }, last, known.last_part);
	if (last && known.last_part === null)
		await transaction
			.updateTable("archive")
			.set({ last_part: part })
			.where("account_id", "=", account)
			.where("archive_id", "=", archive)
			.execute();
	return known.expires_at_ms;
}

/** No part follows the last one, and there is one last one. */
async function requirePlace(
	transaction: Transaction<Records>,
	{ account, archive, part }: PartAddress,
	last: boolean,
	lastPart: number | null,
): Promise<void> {
	const wrong = new Refusal("MALFORMED", "another part is the last one");
	if (lastPart !== null && (part > lastPart || last !== (part === lastPart))) throw wrong;
	if (lastPart !== null || !last) return;
	const later = await transaction
		.selectFrom("archive_part")
		.select("part")
		.where("account_id", "=", account)
		.where("archive_id", "=", archive)
		.where("part", ">", part)
		.executeTakeFirst();
	if (later !== undefined) throw wrong;
}

/** Makes room for a part. True where it is there already. */
async function openPart(
	transaction: Transaction<Records>,
	{ account, archive, part }: PartAddress,
	row: Pick<Records["archive_part"], "blob_id" | "bytes">,
): Promise<boolean> {
	const parts = transaction.selectFrom("archive_part").where("account_id", "=", account);
	const known = await parts
		.select(["blob_id", "stored"])
		.where("archive_id", "=", archive)
		.where("part", "=", part)
		.executeTakeFirst();
	if (known !== undefined && known.blob_id !== row.blob_id)
		throw new Refusal("MALFORMED", "another part has this place");
	if (known !== undefined) return known.stored === 1;
	const { bytes } = await parts
		.select(({ fn }) => fn.sum<number | null>("bytes").as("bytes"))
		.executeTakeFirstOrThrow();
	if (Number(bytes ?? 0) + row.bytes > LIMITS.archiveBytes)
		throw new Refusal("TOO_LARGE", "the account's archives are too large", { limitBytes: LIMITS.archiveBytes });
	await transaction
		.insertInto("archive_part")
		.values({ account_id: account, archive_id: archive, part, ...row, stored: 0 })
		.execute();
	return false;
}
