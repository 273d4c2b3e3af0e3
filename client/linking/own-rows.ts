/**
 * What was said in a conversation between a device's linking and its coming in: for that device the log begins with its own
 * commit, and the archive may have been made before. The account's other devices send it along when they see it come in.
 */
import { type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	type ArchiveRow,
	ArchiveRowSchema,
	type ConversationId,
	type DeviceId,
	idBytes,
	LIMITS,
	type OwnRowsCompleteSchema,
	readId,
} from "@troth/protocol";
import { toArchiveRow } from "../archive/rows.ts";
import { takeRows } from "../archive/take-archive.ts";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, within } from "../state/keys.ts";
import type { MemberRecord, MessageRecord } from "../state/records.ts";
import { mayLackEarlier } from "./before-coming-in.ts";

/** Rows of a conversation before a place of its log and after a time, from a row's key downwards. */
export type MissedRows = `rows/${ConversationId}/${number}/${number}/${string}`;

/** The list is signed a little before the archive is begun, by another clock. */
const MARGIN_MS = 60_000;
/** What one note has room for, beside its seal and the row that goes over it. */
const NOTE_BYTES = LIMITS.ownDevicesBytes - 2048;
const PAGE = 64;
const NOWHERE = { seq: 0, index: 0 };

/** In the transaction in which a conversation's members change with the entry at `seq`. */
export async function noteMissed(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	[before, after]: readonly [before: readonly MemberRecord[], after: readonly MemberRecord[]],
	seq: number,
): Promise<void> {
	const { self } = context;
	const here = own(before, self.account);
	if (!here.has(self.device)) return;
	const listed = (await draft.read(KEYS.account(self.account)))?.devices ?? [];
	for (const device of own(after, self.account)) {
		const newcomer = here.has(device) ? undefined : listed.find((one) => one.device === device);
		if (newcomer === undefined) continue;
		const since = Math.max(0, newcomer.addedAtMs - MARGIN_MS);
		context.ownNotes.note(draft, `rows/${id}/${seq}/${since}/`);
	}
}

function own(members: readonly MemberRecord[], self: MemberRecord["account"]): ReadonlySet<DeviceId> {
	const member = members.find(({ account }) => account === self);
	return new Set(member?.devices.map(({ device }) => device));
}

export function isMissedRows(facet: string): facet is MissedRows {
	return facet.startsWith("rows/");
}

interface Missed {
	readonly rows: ArchiveRow[];
	readonly rest: MissedRows | undefined;
	/** That these are the last of them. */
	readonly complete: MessageInitShape<typeof OwnRowsCompleteSchema>[];
}

/** The newest of them that fit into one note, and what is left. A row that fits into none is told as one that is missing. */
export async function readMissed(context: Pick<DeviceContext, "state">, facet: MissedRows): Promise<Missed> {
	const { state } = context;
	const [, id = "", before, since, key = ""] = facet.split("/");
	const conversation = id as ConversationId;
	const [from, last] = within(KEYS.messages(conversation));
	const rows: ArchiveRow[] = [];
	let room = NOTE_BYTES;
	for (let to = key === "" ? last : KEYS.message(conversation, key); ; ) {
		const page = await state.range<MessageRecord>([from, to], { limit: PAGE, reverse: true });
		for (const row of page) {
			to = KEYS.message(conversation, row.key);
			if (row.seq === undefined || row.seq >= Number(before) || row.timeMs < Number(since)) continue;
			const fitting = carried(conversation, row);
			room -= sizeOf(fitting);
			// The row itself is the first of what is left.
			if (room < 0) {
				const rest = `rows/${conversation}/${Number(before)}/${Number(since)}/${row.key}.` as const;
				return { rows, rest, complete: [] };
			}
			rows.push(fitting);
		}
		const over = page.every(({ seq, timeMs }) => seq !== undefined && timeMs < Number(since));
		if (page.length < PAGE || over) break;
	}
	const lacking =
		(await mayLackEarlier(context, conversation)) || (await hasGaps(context, conversation, Number(since)));
	const complete = lacking ? [] : [{ conversation: idBytes(conversation), beforeSeq: Number(before) }];
	return { rows, rest: undefined, complete };
}

/** This device has gaps of that time itself. */
async function hasGaps({ state }: Pick<DeviceContext, "state">, id: ConversationId, sinceMs: number): Promise<boolean> {
	const [from, last] = within(KEYS.messages(id));
	for (let to = last; ; ) {
		const page = await state.range<MessageRecord>([from, to], { limit: PAGE, reverse: true });
		const since = page.filter(({ timeMs }) => timeMs >= sinceMs);
		if (since.some(({ body }) => body.kind === "gap")) return true;
		const oldest = page.at(-1);
		if (since.length === 0 || page.length < PAGE || oldest === undefined) return false;
		to = KEYS.message(id, oldest.key);
	}
}

function carried(conversation: ConversationId, row: MessageRecord): ArchiveRow {
	const whole = toArchiveRow(conversation, row, NOWHERE);
	if (sizeOf(whole) <= NOTE_BYTES) return whole;
	const { key, seq, timeMs } = row;
	const lost: MessageRecord = {
		...{ key, seq, timeMs, id: undefined, sender: undefined, failed: undefined },
		body: { kind: "gap", reason: "missing", count: 1 },
	};
	return toArchiveRow(conversation, lost, NOWHERE);
}

/** With the tag and the length that stand before it. */
function sizeOf(row: ArchiveRow): number {
	return toBinary(ArchiveRowSchema, row).length + 8;
}

/** Takes what another device of the account sent along; what this device has itself stays. */
export async function mergeRows(context: DeviceContext, draft: Draft, said: readonly ArchiveRow[]): Promise<void> {
	const { announcer, self, state, views } = context;
	const known = (account: MemberRecord["account"] | undefined) => account;
	for (const [id, rows] of Map.groupBy(said, ({ conversation }) => readId<ConversationId>(conversation))) {
		const added = id === undefined ? [] : await takeRows(draft, state, known, id, rows);
		if (id === undefined || added.length === 0) continue;
		await changeConversation(draft, id, (record) => {
			const isNew = ({ body, sender, seq }: MessageRecord) =>
				body.kind === "text" && sender !== self.account && (seq ?? 0) > record.readSeq;
			return { ...record, unread: record.unread + added.filter(isNew).length };
		});
		draft.after(() => {
			for (const row of added) announcer.emit({ type: "message", message: views.message(id, row), live: false });
			announcer.conversation(id);
		});
	}
}
