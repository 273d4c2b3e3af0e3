/** The own profile as it stands in messages: name, picture and number, each as far as the readers may see it. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type AccountId, fromHex, LIMITS, ProfileSchema } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { AudienceName } from "../device/presence-api.ts";
import { contacts } from "../finding/contacts.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord, ProfileRecord, ShownRecord } from "../state/records.ts";

/** Before anything was decided: a picture, once there is one, is for everyone written to; the number for nobody. */
export const NOTHING_SHOWN: ShownRecord = {
	photo: "everyone",
	number: "nobody",
	photoChangedAtMs: 0,
	numberChangedAtMs: 0,
};

/** Grows with every change that others are told of. */
export function profileVersion({ nameChangedAtMs, shown = NOTHING_SHOWN }: ProfileRecord): number {
	return Math.max(nameChangedAtMs, shown.photoChangedAtMs, shown.numberChangedAtMs);
}

type Shown = Pick<ProfileRecord, "shown" | "photo" | "certificate">;

/** What another device of the account says of what is shown, as far as it is newer: a picture may be gone with it. */
export function mergeShown(known: Shown, { shown, photo, certificate }: Shown): Partial<Shown> {
	const changedAtMs = ({ shown: { photoChangedAtMs, numberChangedAtMs } = NOTHING_SHOWN }: Shown) =>
		Math.max(photoChangedAtMs, numberChangedAtMs);
	return {
		...(shown !== undefined && changedAtMs({ shown }) > changedAtMs(known) && { shown, photo }),
		...(certificate !== undefined && certificate.issuedAtMs > (known.certificate?.issuedAtMs ?? 0) && { certificate }),
	};
}

/** Is this the direct conversation with somebody who is blocked? */
export function isShut({ state }: Pick<DeviceContext, "state">, { peer }: ConversationRecord): boolean {
	return peer !== undefined && state.kept(KEYS.account(peer))?.blocked === true;
}

/** What is said in this conversation: what its readers may not see is said to be none. */
export async function profileFor(
	context: DeviceContext,
	record: ConversationRecord,
): Promise<MessageInitShape<typeof ProfileSchema>> {
	const { name, nameChangedAtMs, photo, certificate, shown = NOTHING_SHOWN, phone } = context.profile();
	const reaches = await audienceCheck(context, record);
	const changed = (atMs: number) => ({ changedAtMs: BigInt(atMs) });
	const good = certificate !== undefined && certificate.phone === phone && isFresh(context, certificate.issuedAtMs);
	return create(ProfileSchema, {
		name,
		...changed(nameChangedAtMs),
		...(shown.photoChangedAtMs > 0 && {
			photo: {
				...changed(shown.photoChangedAtMs),
				...(photo !== undefined && reaches(shown.photo) && { photoId: bytesOf(photo.id), key: bytesOf(photo.key) }),
			},
		}),
		...(shown.numberChangedAtMs > 0 && {
			number: {
				...changed(shown.numberChangedAtMs),
				...(good &&
					reaches(shown.number) && {
						certificate: { statement: bytesOf(certificate.statement), signature: bytesOf(certificate.signature) },
					}),
			},
		}),
	});
}

function isFresh(context: DeviceContext, issuedAtMs: number): boolean {
	return context.serverNow() < issuedAtMs + LIMITS.numberCertificateMs;
}

/** Is everybody in this conversation of this audience? */
async function audienceCheck(
	context: DeviceContext,
	{ members, peer }: ConversationRecord,
): Promise<(audience: AudienceName) => boolean> {
	const others = new Set<AccountId>(members.map(({ account }) => account));
	if (peer !== undefined) others.add(peer);
	others.delete(context.self.account);
	const known = new Set(await contacts(context));
	const allKnown = [...others].every((account) => known.has(account));
	const blocked = [...others].some((account) => context.state.kept(KEYS.account(account))?.blocked === true);
	return (audience) => !blocked && (audience === "everyone" || (audience === "contacts" && allKnown));
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
	return fromHex(hex) ?? new Uint8Array();
}
