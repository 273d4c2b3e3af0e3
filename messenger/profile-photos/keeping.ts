/**
 * Keeping a picture as the ciphertext that its owner's device made. A row stands before its blob is put and after it is
 * deleted, so that nothing is left of a crash that no row tells of.
 */
import { createHash } from "node:crypto";
import { type AccountId, type BlobId, Refusal } from "@troth/protocol";
import type { BlobStore } from "@troth/storage";
import type { Kysely, Transaction } from "kysely";
import type { Records } from "../records/schema.ts";

export const PHOTO_ID_BYTES = 32;
/** A picture that was being put when the server ended. */
const ARRIVES_WITHIN_MS = 60 * 60 * 1000;

interface Store {
	readonly records: Kysely<Records>;
	readonly blobs: BlobStore;
}

export interface NewPhoto {
	readonly account: AccountId;
	/** Hex. */
	readonly photo: string;
	readonly ciphertext: Uint8Array;
}

/**
 * Keeps it as the account's one picture. A repeat changes nothing. Refuses with MALFORMED where the id was used before,
 * by anybody: of an id that is guessed nothing is learned, they have 256 bits.
 */
export async function keepPhoto(
	{ records, blobs }: Store,
	{ account, photo, ciphertext }: NewPhoto,
	nowMs: number,
): Promise<void> {
	const bytes = new Uint8Array([...Buffer.from(photo, "hex"), ...ciphertext]);
	const blob = createHash("sha256").update(bytes).digest("hex") as BlobId;
	await records
		.insertInto("profile_photo")
		.values({
			photo_id: photo,
			account_id: account,
			blob_id: blob,
			bytes: ciphertext.length,
			state: "arriving",
			put_at_ms: nowMs,
		})
		.onConflict((conflict) => conflict.column("photo_id").doNothing())
		.execute();
	const row = await rowOf(records, photo);
	if (row?.account_id !== account || row.blob_id !== blob || row.state === "leaving")
		throw new Refusal("MALFORMED", "the id of a picture is used once");
	await blobs.put(bytes);
	await records.transaction().execute(async (transaction) => {
		await transaction
			.updateTable("profile_photo")
			.set({ state: "leaving", account_id: "" })
			.where("account_id", "=", account)
			.where("photo_id", "!=", photo)
			.execute();
		await transaction
			.updateTable("profile_photo")
			.set({ state: "current" })
			.where("photo_id", "=", photo)
			.where("account_id", "=", account)
			.execute();
	});
	await sweepPhotos({ records, blobs }, nowMs);
}

/** The ciphertext under this id. Refuses with NOT_FOUND. */
export async function readPhoto({ records, blobs }: Store, photo: string): Promise<Uint8Array> {
	const row = await rowOf(records, photo);
	const bytes = row?.state === "current" ? await blobs.get(row.blob_id) : undefined;
	if (bytes === undefined) throw new Refusal("NOT_FOUND", "no such picture");
	return bytes.subarray(PHOTO_ID_BYTES);
}

/** The account has no picture any more; `sweepPhotos` deletes the bytes. */
export async function forgetPhotos(records: Kysely<Records> | Transaction<Records>, account: AccountId): Promise<void> {
	await records
		.updateTable("profile_photo")
		.set({ state: "leaving", account_id: "" })
		.where("account_id", "=", account)
		.execute();
}

/** Deletes the bytes, and then the rows, of pictures that are nobody's any more. */
export async function sweepPhotos({ records, blobs }: Store, nowMs: number): Promise<void> {
	await records
		.updateTable("profile_photo")
		.set({ state: "leaving", account_id: "" })
		.where("state", "=", "arriving")
		.where("put_at_ms", "<=", nowMs - ARRIVES_WITHIN_MS)
		.execute();
	const rows = await records
		.selectFrom("profile_photo")
		.select(["photo_id", "blob_id"])
		.where("state", "=", "leaving")
		.execute();
	for (const { photo_id, blob_id } of rows) {
		await blobs.delete(blob_id);
		await records.deleteFrom("profile_photo").where("photo_id", "=", photo_id).execute();
	}
}

function rowOf(records: Kysely<Records>, photo: string) {
	return records.selectFrom("profile_photo").selectAll().where("photo_id", "=", photo).executeTakeFirst();
}
