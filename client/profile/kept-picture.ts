/** Pictures as they lie on a device: the id of the ciphertext on the server, or that there is none, and the picture. */
import { type AccountId, fromHex, toHex } from "@troth/protocol";
import type { Draft, Readable } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import { PICTURE_ID_BYTES } from "./seal-picture.ts";

/** Stands for the id of the own picture while nobody sees it and the server has none. */
const NOWHERE = "00".repeat(PICTURE_ID_BYTES);

type Kept = Pick<Readable, "readBytes">;

/** Which picture of this person is here: its id, hex (zeros for one that lies nowhere). */
export async function keptPictureId(from: Kept, account: AccountId): Promise<string | undefined> {
	const kept = await from.readBytes(KEYS.picture(account));
	return kept === undefined ? undefined : toHex(kept.subarray(0, PICTURE_ID_BYTES));
}

/** The picture of this person, if it is the one with this id (hex; undefined: that lies nowhere). */
export async function readKeptPicture(
	from: Kept,
	account: AccountId,
	id: string | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
	const kept = await from.readBytes(KEYS.picture(account));
	if (kept === undefined || toHex(kept.subarray(0, PICTURE_ID_BYTES)) !== (id ?? NOWHERE)) return undefined;
	return Uint8Array.from(kept.subarray(PICTURE_ID_BYTES));
}

export function keepPicture(draft: Draft, account: AccountId, id: string | undefined, picture: Uint8Array): void {
	const mark = fromHex(id ?? NOWHERE) ?? new Uint8Array();
	const bytes = new Uint8Array(mark.length + picture.length);
	bytes.set(mark);
	bytes.set(picture, mark.length);
	draft.writeBytes(KEYS.picture(account), bytes);
}
