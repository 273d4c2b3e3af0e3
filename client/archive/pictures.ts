/**
 * Pictures in an archive: the owner's own, and those of others as far as this device has them, so that nobody has to send
 * them again and no server has to be asked.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ArchivePicture,
	type ArchivePictureSchema,
	fromHex,
	idBytes,
	readId,
	toHex,
} from "@troth/protocol";
import type { AudienceName } from "../device/presence-api.ts";
import { keepPicture, keptPictureId, readKeptPicture } from "../profile/kept-picture.ts";
import { NOTHING_SHOWN } from "../profile/own-profile.ts";
import { readPicture } from "../profile/picture.ts";
import { PICTURE_ID_BYTES, PICTURE_KEY_BYTES } from "../profile/seal-picture.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { LocalState } from "../state/local-state.ts";
import type { AccountRecord, ConversationRecord, PhotoRecord, ProfileRecord } from "../state/records.ts";
import type { ArchiveProgress } from "./progress.ts";

/** Bytes of the pictures of others, all together: some hundred of the size that the app makes. */
const PICTURES_BYTES = 4 * 1024 * 1024;
const AUDIENCES = ["everyone", "contacts", "nobody"] as const;

/** The owner's picture as an archive has it. */
export interface OwnPicture {
	/** Absent for one that lies nowhere. */
	readonly photo: PhotoRecord | undefined;
	readonly audience: AudienceName;
	readonly changedAtMs: number;
}

interface Source {
	readonly state: LocalState;
	profile(): ProfileRecord;
}

type PictureInit = MessageInitShape<typeof ArchivePictureSchema>;

/** In the order that `archive.proto` says. @param room for the pictures of others, bytes; smaller than usual only in tests */
export async function* picturesOf({ state, profile }: Source, room = PICTURES_BYTES): AsyncGenerator<PictureInit> {
	const { account: self, photo, shown = NOTHING_SHOWN } = profile();
	const own = await readKeptPicture(state, self, photo?.id);
	if (own !== undefined || photo !== undefined)
		yield { ...describe(self, photo, shown.photoChangedAtMs, own), audience: shown.photo };
	let left = room;
	for (const { account, photo, photoChangedAtMs = 0 } of writtenWithLast(state)) {
		if (account === self || photo === undefined) continue;
		const picture = left === 0 ? undefined : await readKeptPicture(state, account, photo.id);
		const fits = picture !== undefined && picture.length <= left;
		// The first that does not fit is the last: what is near goes before what is small.
		left = picture === undefined ? left : fits ? left - picture.length : 0;
		yield describe(account, photo, photoChangedAtMs, fits ? picture : undefined);
	}
}

/** Everybody who is known, those first with whom was written last. */
function writtenWithLast(state: LocalState): readonly AccountRecord[] {
	const last = new Map<AccountId, number>();
	for (const { members, peer, activityMs } of state.keptWithin<ConversationRecord>(KEYS.conversations))
		for (const account of [...members.map((member) => member.account), ...(peer === undefined ? [] : [peer])])
			last.set(account, Math.max(last.get(account) ?? 0, activityMs));
	const at = ({ account }: AccountRecord) => last.get(account) ?? 0;
	return [...state.keptWithin<AccountRecord>(KEYS.accounts)].sort((a, b) => at(b) - at(a));
}

function describe(
	account: AccountId,
	photo: PhotoRecord | undefined,
	changedAtMs: number,
	picture: Uint8Array | undefined,
): PictureInit {
	return {
		accountId: idBytes(account),
		photoId: fromHex(photo?.id ?? "") ?? new Uint8Array(),
		key: fromHex(photo?.key ?? "") ?? new Uint8Array(),
		changedAtMs: BigInt(changedAtMs),
		picture: picture ?? new Uint8Array(),
	};
}

/**
 * Takes one in, unless a newer one is known here; of the owner it gives what is to be done at the end
 * (`finishArchive`, and for another account `setAsBefore`).
 */
export async function takePicture(
	draft: Draft,
	profile: ProfileRecord,
	{ owner }: Pick<ArchiveProgress, "owner">,
	said: ArchivePicture,
): Promise<OwnPicture | undefined> {
	const account = readId<AccountId>(said.accountId);
	const lies = said.photoId.length > 0;
	if (lies && (said.photoId.length !== PICTURE_ID_BYTES || said.key.length !== PICTURE_KEY_BYTES)) return undefined;
	const photo = lies ? { id: toHex(said.photoId), key: toHex(said.key) } : undefined;
	const [picture, changedAtMs] = [plainOf(said.picture), Number(said.changedAtMs)];
	if (account === undefined) return undefined;
	if (account === owner) {
		const audience = AUDIENCES.find((one) => one === said.audience) ?? "nobody";
		return takeOwn(draft, profile, owner, { photo, audience, changedAtMs }, picture);
	}
	const known = account === profile.account ? undefined : await draft.read(KEYS.account(account));
	if (known === undefined || photo === undefined) return undefined;
	const same = known.photo?.id === photo.id;
	if (!same && changedAtMs <= (known.photoChangedAtMs ?? 0)) return undefined;
	if (!same) draft.write(KEYS.account(account), { ...known, photo, photoChangedAtMs: changedAtMs });
	if ((await keptPictureId(draft, account)) === photo.id) return undefined;
	if (picture !== undefined) keepPicture(draft, account, photo.id, picture);
	else draft.writeBytes(KEYS.picture(account), undefined);
	return undefined;
}

/** Of another account it is kept as one that lies nowhere: the new account shows nothing of it before the server has it. */
async function takeOwn(
	draft: Draft,
	{ account, photo: known, shown = NOTHING_SHOWN }: ProfileRecord,
	owner: AccountId,
	own: OwnPicture,
	picture: Uint8Array | undefined,
): Promise<OwnPicture | undefined> {
	const mine = account === owner;
	const same = mine && known?.id === own.photo?.id && shown.photoChangedAtMs === own.changedAtMs;
	const newer = mine ? own.changedAtMs > shown.photoChangedAtMs : shown.photoChangedAtMs === 0;
	if (!(same || newer) || (!mine && picture === undefined)) return undefined;
	const id = mine ? own.photo?.id : undefined;
	if (picture !== undefined) keepPicture(draft, account, id, picture);
	return newer ? own : undefined;
}

/** Undefined where it is none that a browser should decode, or where the archive has only its key. */
function plainOf(bytes: Uint8Array): Uint8Array | undefined {
	try {
		return bytes.length === 0 ? undefined : readPicture(bytes);
	} catch {
		return undefined;
	}
}
