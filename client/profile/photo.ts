/** One's own picture, and those of others. */
import { type AccountId, fromHex, toHex } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { ProfileAudiences, ProfileView } from "../device/profile-api.ts";
import { KEYS } from "../state/keys.ts";
import type { PhotoRecord, ShownRecord } from "../state/records.ts";
import { keepPicture, keptPictureId, readKeptPicture } from "./kept-picture.ts";
import { refreshCertificate } from "./number.ts";
import { NOTHING_SHOWN } from "./own-profile.ts";
import { readPicture } from "./picture.ts";
import { openPicture, PICTURE_ID_BYTES, PICTURE_KEY_BYTES, sealPicture } from "./seal-picture.ts";
import { introduceEverywhere } from "./tell.ts";

const NONCE_BYTES = 12;

export async function viewProfile(context: DeviceContext): Promise<ProfileView> {
	const { name, phone, shown = NOTHING_SHOWN } = context.profile();
	const { account } = context.self;
	const photo = context.views.person(account).photo;
	return { name, phone, photo, audiences: { photo: shown.photo, number: shown.number } };
}

const turns = new WeakMap<DeviceContext, Promise<unknown>>();

/** One change of the picture after the other: of two at once the server would keep the one and others be told the other. */
export function inTurn<Result>(context: DeviceContext, work: () => Promise<Result>): Promise<Result> {
	const before = turns.get(context) ?? Promise.resolve();
	const turn = before.then(work, work);
	turns.set(context, turn);
	return turn;
}

export function setPhoto(context: DeviceContext, picture: Uint8Array): Promise<ProfileView> {
	return inTurn(context, async () => {
		const plain = readPicture(picture);
		const audience = shownOf(context).photo;
		const photo = audience === "nobody" ? undefined : await upload(context, plain);
		await keep(context, photo, plain, { photo: audience });
		return viewProfile(context);
	});
}

/** Others are told with the next breath, and the ciphertext is deleted. */
export function removePhoto(context: DeviceContext): Promise<ProfileView> {
	return inTurn(context, async () => {
		await context.rpc.profiles.deleteProfilePhoto({});
		await keep(context, undefined, undefined, {});
		return viewProfile(context);
	});
}

/** The same picture under another key, for those who may see it now. Only in turn. */
export async function sealAnew(context: DeviceContext): Promise<void> {
	const plain = context.profile().photo === undefined ? undefined : await ownPicture(context);
	if (plain !== undefined) await keep(context, await upload(context, plain), plain, {});
}

/**
 * Who may see the picture is a question of who has its key: it is sealed anew whenever that changes, and what those could
 * fetch who may not see it any more is gone.
 */
export function setAudiences(context: DeviceContext, change: Partial<ProfileAudiences>): Promise<ProfileView> {
	return inTurn(context, () => changeAudiences(context, change));
}

async function changeAudiences(context: DeviceContext, change: Partial<ProfileAudiences>): Promise<ProfileView> {
	const before = shownOf(context);
	if (change.photo !== undefined && change.photo !== before.photo) {
		const plain = await ownPicture(context);
		if (change.photo === "nobody" || plain === undefined) await context.rpc.profiles.deleteProfilePhoto({});
		const photo = change.photo === "nobody" || plain === undefined ? undefined : await upload(context, plain);
		await keep(context, photo, plain, { photo: change.photo });
	}
	if (change.number !== undefined && change.number !== before.number) {
		if (change.number !== "nobody") await refreshCertificate(context);
		const shown = shownOf(context);
		const numberChangedAtMs = Math.max(context.serverNow(), shown.numberChangedAtMs + 1);
		await context.changeProfile({ shown: { ...shown, number: change.number, numberChangedAtMs } });
		await introduceEverywhere(context);
	}
	return viewProfile(context);
}

/** The picture that this person shows. What was fetched once is kept until they show another one. */
export async function photoOf(context: DeviceContext, account: AccountId): Promise<Uint8Array | undefined> {
	if (account === context.self.account) return ownPicture(context);
	const photo = context.state.kept(KEYS.account(account))?.photo;
	if (photo === undefined) return undefined;
	const kept = await readKeptPicture(context.state, account, photo.id);
	if (kept !== undefined) return kept;
	const plain = await fetchPicture(context, photo);
	if (plain === undefined) return undefined;
	await context.state.transact(async (draft) => {
		const now = await draft.read(KEYS.account(account));
		if (now?.photo?.id === photo.id) keepPicture(draft, account, photo.id, plain);
	});
	return plain;
}

async function fetchPicture({ rpc }: DeviceContext, { id, key }: PhotoRecord): Promise<Uint8Array | undefined> {
	const { ciphertext } = await rpc.profiles.getProfilePhoto({ photoId: bytesOf(id) });
	const plain = await openPicture({ id: bytesOf(id), key: bytesOf(key) }, ciphertext);
	if (plain === undefined) return undefined;
	try {
		return readPicture(plain);
	} catch {
		// Somebody's device sent what is no picture: nothing that a browser should decode.
		return undefined;
	}
}

/** From this device, or, where another one of the account changed it, from the server. */
async function ownPicture(context: DeviceContext): Promise<Uint8Array | undefined> {
	const { account } = context.self;
	const { photo } = context.profile();
	const kept = await readKeptPicture(context.state, account, photo?.id);
	if (kept !== undefined || photo === undefined) return kept;
	const before = await keptPictureId(context.state, account);
	const plain = await fetchPicture(context, photo);
	if (plain === undefined) return undefined;
	await context.state.transact(async (draft) => {
		// Not in the place of one that was chosen meanwhile.
		if ((await keptPictureId(draft, account)) === before) keepPicture(draft, account, photo.id, plain);
	});
	return plain;
}

async function upload({ rpc, random }: DeviceContext, plain: Uint8Array): Promise<PhotoRecord> {
	const [id, key] = [random(PICTURE_ID_BYTES), random(PICTURE_KEY_BYTES)];
	const ciphertext = await sealPicture({ id, key }, random(NONCE_BYTES), plain);
	await rpc.profiles.putProfilePhoto({ photoId: id, ciphertext });
	return { id: toHex(id), key: toHex(key) };
}

async function keep(
	context: DeviceContext,
	photo: PhotoRecord | undefined,
	plain: Uint8Array | undefined,
	audience: Partial<Pick<ShownRecord, "photo">>,
): Promise<void> {
	const before = shownOf(context);
	const photoChangedAtMs = Math.max(context.serverNow(), before.photoChangedAtMs + 1);
	await context.state.transact(async (draft) => {
		const { account } = context.self;
		if (plain === undefined) draft.writeBytes(KEYS.picture(account), undefined);
		else keepPicture(draft, account, photo?.id, plain);
	});
	await context.changeProfile({ photo, shown: { ...before, ...audience, photoChangedAtMs } });
	await introduceEverywhere(context);
}

function shownOf(context: DeviceContext): ShownRecord {
	return context.profile().shown ?? NOTHING_SHOWN;
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
	return fromHex(hex) ?? new Uint8Array();
}
