/**
 * Takes an archive in, part by part: each is one local transaction that also says how far it got. Taken twice, nothing is
 * there twice; after a crash it goes on. What the device has of its own stays as it is.
 */
import { fromBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	ArchivePartSchema,
	type ArchiveRecord,
	type ArchiveRow,
	type ConversationId,
	readId,
	toHex,
} from "@troth/protocol";
import type { Announcer } from "../device/announcer.ts";
import { NOTHING_SHOWN } from "../profile/own-profile.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, orderKey, within } from "../state/keys.ts";
import type { LocalState } from "../state/local-state.ts";
import type { ConversationRecord, MessageRecord, ProfileRecord } from "../state/records.ts";
import { ArchiveError } from "./archive-error.ts";
import { PartCipher } from "./cipher.ts";
import { takePicture } from "./pictures.ts";
import { type ArchiveProgress, NOTHING_TAKEN } from "./progress.ts";
import { fromArchiveRow, placeOf } from "./rows.ts";
import { Taker } from "./taker.ts";

/** What is written to; a DeviceContext is one. */
export interface ArchiveTarget {
	readonly state: LocalState;
	readonly announcer: Pick<Announcer, "conversation">;
	profile(): ProfileRecord;
	changeProfile(change: Partial<ProfileRecord>): Promise<void>;
}

/**
 * Takes the archive whose head and parts come in `parts`, from the first one; parts that were taken before are passed over.
 * Resolves when all of it is in, but for what the server has yet to be told: whom to block, and another account's picture.
 * That is the caller's to do (`setAsBefore`). Rejects with ArchiveError: WrongCode, NotAnArchive, VersionUnsupported,
 * Damaged, Truncated; what came in before stays.
 *
 * @param secret 32 bytes
 * @param progressed is told after each part that is in
 */
export async function takeArchive(
	target: ArchiveTarget,
	secret: Uint8Array,
	parts: AsyncIterable<Uint8Array>,
	progressed: (progress: ArchiveProgress) => void = () => {},
): Promise<ArchiveProgress> {
	let cipher: PartCipher | undefined;
	let number = 0;
	let progress: ArchiveProgress = { ...NOTHING_TAKEN, archive: "" };
	for await (const bytes of parts) {
		if (cipher === undefined) {
			cipher = await PartCipher.open(secret, bytes);
			const archive = toHex(cipher.id);
			progress = (await target.state.read(KEYS.archiveTaken(archive))) ?? { ...progress, archive };
			if (progress.ended) return settle(target, progress);
			continue;
		}
		const part = number++;
		if (part < progress.next) continue;
		const { plaintext, last } = await cipher.open(bytes, part);
		progress = await takePart(target, progress, recordsOf(plaintext), part, last);
		progressed(progress);
	}
	if (cipher === undefined) throw new ArchiveError("Truncated", "there is no head");
	if (!progress.ended) throw new ArchiveError("Truncated", "the archive ends before its end");
	return settle(target, progress);
}

function recordsOf(plaintext: Uint8Array): readonly ArchiveRecord[] {
	try {
		return fromBinary(ArchivePartSchema, plaintext).records;
	} catch (cause) {
		throw new ArchiveError("Damaged", "a part does not decode", { cause });
	}
}

function takePart(
	{ state, announcer, profile }: ArchiveTarget,
	nothing: ArchiveProgress,
	records: readonly ArchiveRecord[],
	part: number,
	last: boolean,
): Promise<ArchiveProgress> {
	const key = KEYS.archiveTaken(nothing.archive);
	return state.transact(async (draft) => {
		const before = (await draft.read(key)) ?? nothing;
		if (before.next !== part) return before;
		const taker = new Taker(draft, state, profile(), before);
		const rows = new Map<ConversationId, ArchiveRow[]>();
		const pictured = new Set<AccountId>();
		for (const { record } of records) {
			if (record.case === "picture") {
				const picture = await takePicture(draft, profile(), taker.progress, record.value);
				if (picture !== undefined) taker.progress = { ...taker.progress, picture };
				const account = readId<AccountId>(record.value.accountId);
				if (account !== undefined) pictured.add(account);
				continue;
			}
			if (record.case !== "row") {
				await taker.take(record);
				continue;
			}
			const id = readId<ConversationId>(record.value.conversation);
			if (id === undefined) continue;
			const known = rows.get(id);
			if (known === undefined) rows.set(id, [record.value]);
			else known.push(record.value);
		}
		let added = 0;
		for (const [id, ofConversation] of rows) {
			const taken = await takeRows(draft, state, (account) => taker.mine(account), id, ofConversation);
			added += taken.filter(({ body }) => body.kind === "text").length;
		}
		const after: ArchiveProgress = {
			...taker.progress,
			messages: taker.progress.messages + added,
			next: part + 1,
			ended: last,
		};
		draft.write(key, after);
		draft.after(() => {
			for (const id of new Set([...rows.keys(), ...taker.touched, ...showing(state, pictured)]))
				announcer.conversation(id);
		});
		return after;
	});
}

/** Conversations that show one of these people. */
function showing(state: LocalState, people: ReadonlySet<AccountId>): readonly ConversationId[] {
	if (people.size === 0) return [];
	return [...state.keptWithin<ConversationRecord>(KEYS.conversations)]
		.filter(({ peer, members }) =>
			[peer, ...members.map(({ account }) => account)].some((account) => account !== undefined && people.has(account)),
		)
		.map(({ id }) => id);
}

/** Rows of one conversation. Gives those that were not here. @param mine as `fromArchiveRow` has it */
export async function takeRows(
	draft: Draft,
	state: LocalState,
	mine: Parameters<typeof fromArchiveRow>[1],
	id: ConversationId,
	rows: readonly ArchiveRow[],
): Promise<readonly MessageRecord[]> {
	const record = await draft.read(KEYS.conversation(id));
	if (record === undefined) return [];
	const own = await firstOwnPlace(draft, state, id);
	// What comes after the device's own first entry it has itself, or shows a gap for.
	const wanted = rows
		.filter((row) => placeOf(row) < own)
		.map((row) => fromArchiveRow(row, mine))
		.filter((row) => row !== undefined);
	const keys = wanted.map(({ key }) => key).sort();
	const [first, newest] = [keys[0], keys.at(-1)];
	if (first === undefined || newest === undefined) return [];
	const span = [KEYS.message(id, first), `${KEYS.message(id, newest)}~`] as const;
	const here = new Set((await state.range<MessageRecord>(span)).map(({ key }) => key));
	const added: MessageRecord[] = [];
	for (const row of wanted) {
		if (here.has(row.key)) continue;
		here.add(row.key);
		draft.write(KEYS.message(id, row.key), row);
		if (row.id !== undefined) draft.write(KEYS.messageKey(id, row.id), row.key);
		added.push(row);
	}
	if (record.lastKey === undefined || record.lastKey < newest)
		draft.write(KEYS.conversation(id), { ...record, lastKey: newest });
	return added;
}

/** Rows from here on are the device's own, by entries that it received; infinite where it received none. */
async function firstOwnPlace(draft: Draft, state: LocalState, id: ConversationId): Promise<number> {
	const log = await draft.read(KEYS.log(id));
	// A linked device that is not in it yet will come in after everything that an archive can hold today.
	const subscribed = log === undefined || log.joining === true ? Number.POSITIVE_INFINITY : log.from + 1;
	const [, to] = within(KEYS.messages(id));
	const rows = await state.range<MessageRecord>([KEYS.message(id, orderKey(0)), to], { limit: LOOKED_AT });
	return Math.min(subscribed, ...rows.flatMap(({ seq }) => (seq === undefined ? [] : [seq])));
}

/** The first entry of a device's own is among its first rows. */
const LOOKED_AT = 64;

/** What comes after the last part, unless the server has to be told something first. */
async function settle(target: ArchiveTarget, progress: ArchiveProgress): Promise<ArchiveProgress> {
	const toShow = progress.picture !== undefined && progress.owner !== target.profile().account;
	return progress.done || progress.toBlock.length > 0 || toShow ? progress : finishArchive(target, progress);
}

/** Changes settings, name and picture as the archive has them, and notes that all is done. `setAsBefore` was seen to. */
export async function finishArchive(
	target: Pick<ArchiveTarget, "state" | "profile" | "changeProfile">,
	progress: ArchiveProgress,
): Promise<ArchiveProgress> {
	const { account, settings, settingsChangedAtMs, nameChangedAtMs } = target.profile();
	// Another device of the same account tells them itself, and what it said is newer.
	if (progress.owner !== account || settingsChangedAtMs === undefined)
		await target.changeProfile({ settings: { ...settings, ...progress.settings } });
	const { name, picture } = progress;
	if (name !== undefined && name.changedAtMs > nameChangedAtMs)
		await target.changeProfile({ name: name.name, nameChangedAtMs: name.changedAtMs });
	const { shown = NOTHING_SHOWN } = target.profile();
	if (picture !== undefined && progress.owner === account && picture.changedAtMs > shown.photoChangedAtMs) {
		const { photo, audience, changedAtMs } = picture;
		await target.changeProfile({ photo, shown: { ...shown, photo: audience, photoChangedAtMs: changedAtMs } });
	}
	const done: ArchiveProgress = { ...progress, toBlock: [], done: true };
	await target.state.transact(async (draft) => draft.write(KEYS.archiveTaken(done.archive), done));
	return done;
}
