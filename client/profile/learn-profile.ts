/**
 * What others say about themselves inside the ciphertext. Name, picture and number each have a time: the newest word
 * counts, in whatever order words come. Of two with the same time one that shows something counts: in another
 * conversation, with other readers, the same person may have had to say that there is nothing.
 */
import { fromBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	fromHex,
	LABELS,
	LIMITS,
	NumberCertificateSchema,
	type Profile,
	type ProfilePhoto,
	readId,
	type ShownNumber,
	toHex,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { readAccount } from "../identity/directory.ts";
import { verifyStatement } from "../identity/signed.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord } from "../state/records.ts";
import { PICTURE_ID_BYTES, PICTURE_KEY_BYTES } from "./seal-picture.ts";

/** Keeps what is new in it; true where something was. `timeMs`: when the server stored it. */
export async function learnProfile(
	context: DeviceContext,
	draft: Draft,
	account: AccountId,
	profile: Profile,
	timeMs: number,
): Promise<boolean> {
	const known = await readAccount(draft, account);
	const named = learnName(known, profile);
	const pictured = profile.photo === undefined ? named : learnPhoto(draft, named, profile.photo);
	const numbered =
		profile.number === undefined ? pictured : await learnNumber(context, draft, pictured, profile.number, timeMs);
	if (numbered === known) return false;
	draft.write(KEYS.account(account), numbered);
	return true;
}

function learnName(known: AccountRecord, { name, changedAtMs }: Profile): AccountRecord {
	const atMs = Number(changedAtMs);
	if (known.name !== undefined && atMs <= known.nameChangedAtMs) return known;
	return { ...known, name, nameChangedAtMs: atMs };
}

/** Does a word of this time, showing something or not, replace what is known? */
function replaces(atMs: number, shows: boolean, knownAtMs: number, knownShows: boolean): boolean {
	return atMs > knownAtMs || (atMs === knownAtMs && shows && !knownShows);
}

function learnPhoto(draft: Draft, known: AccountRecord, said: ProfilePhoto): AccountRecord {
	const atMs = Number(said.changedAtMs);
	const shows = said.photoId.length > 0;
	if (shows && (said.photoId.length !== PICTURE_ID_BYTES || said.key.length !== PICTURE_KEY_BYTES)) return known;
	if (!replaces(atMs, shows, known.photoChangedAtMs ?? 0, known.photo !== undefined)) return known;
	const photo = shows ? { id: toHex(said.photoId), key: toHex(said.key) } : undefined;
	if (known.photo?.id !== photo?.id) draft.writeBytes(KEYS.picture(known.account), undefined);
	return { ...known, photo, photoChangedAtMs: atMs };
}

/** A number counts with the server's word for it: anybody can name one. */
async function learnNumber(
	context: DeviceContext,
	draft: Draft,
	known: AccountRecord,
	said: ShownNumber,
	timeMs: number,
): Promise<AccountRecord> {
	const atMs = Number(said.changedAtMs);
	const before = known.numberChangedAtMs ?? 0;
	const phone = await certifiedNumber(context, draft, known.account, said, timeMs);
	if (!replaces(atMs, phone !== undefined, before, false)) return known;
	// Not shown is not unknown: a number that this device was found by stays until it is said to be another one.
	if (phone === undefined) return { ...known, numberChangedAtMs: atMs };
	for (const other of context.state.keptWithin<AccountRecord>(KEYS.accounts))
		if (other.phone === phone && other.account !== known.account)
			draft.write(KEYS.account(other.account), { ...(await readAccount(draft, other.account)), phone: undefined });
	return { ...known, phone, numberChangedAtMs: atMs };
}

async function certifiedNumber(
	{ engine }: DeviceContext,
	draft: Draft,
	account: AccountId,
	{ certificate }: ShownNumber,
	timeMs: number,
): Promise<string | undefined> {
	const policyKey = fromHex((await draft.read(KEYS.trust))?.policyKey ?? "");
	if (certificate === undefined || policyKey === undefined) return undefined;
	if (!(await verifyStatement(engine, policyKey, LABELS.numberCertificate, certificate))) return undefined;
	const { accountId, phone, issuedAtMs } = fromBinary(NumberCertificateSchema, certificate.statement);
	const fresh = timeMs < Number(issuedAtMs) + LIMITS.numberCertificateMs;
	return readId<AccountId>(accountId) === account && fresh ? phone : undefined;
}
