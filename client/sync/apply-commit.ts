/** A commit in the log: ours, whose next state waits beside the group, or somebody else's. */
import { fromBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	CommitPayloadSchema,
	type ConversationId,
	type DeviceId,
	type Entry,
	readId,
} from "@troth/protocol";
import { readAuthenticatedData } from "../content/envelope.ts";
import { Unreadable } from "../content/unreadable.ts";
import { continueFrom } from "../conversations/continuation.ts";
import { dropPendingCommit, endConversation, enterEpoch } from "../conversations/epochs.ts";
import { accountChanges, membersOf } from "../conversations/members.ts";
import { addRow, changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { noteMissed } from "../linking/own-rows.ts";
import { type GroupMember, type MlsGroup, MlsRefusal } from "../mls/engine.ts";
import { enqueueGroupState } from "../outbox/enqueue.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord, LogRecord, PendingCommitRecord } from "../state/records.ts";
import { processInGroup, withSender } from "./apply-message.ts";
import { bulkBytes, bulkDigest } from "./bulk.ts";
import { CopiedProfile, type Evidence, Need } from "./needs.ts";

/** Applies a commit entry and returns the log as it leaves it. Throws Need, CopiedProfile, MlsRefusal or Unreadable. */
export async function applyCommit(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	log: LogRecord,
	entry: Entry,
	evidence: Evidence,
): Promise<LogRecord> {
	const { commit } = readPayload(entry.payload);
	const pending = await draft.read(KEYS.pendingCommit(id));
	if (pending !== undefined && pending.digest === bulkDigest(commit)) {
		await adopt(context, draft, id, pending, entry);
		return log;
	}
	if (readId<DeviceId>(entry.senderDevice) === context.self.device && entry.clientSeq >= log.nextClientSeq)
		throw new CopiedProfile("it sent a commit that is not known here");
	const bytes = bulkBytes(commit, evidence);
	const processed = await followCommit(context, draft, id, bytes, evidence);
	if (processed.kind !== "commit") throw new Unreadable("Malformed");
	if (pending !== undefined && context.engine.epoch(processed.next) > pending.epoch) {
		await dropPendingCommit(draft, id);
		draft.after(() => context.lanes.lostRace(id, pending.clientSeq));
	}
	const change = {
		committer: processed.committer.account,
		departed: departedIn(processed.authenticatedData),
		added: processed.added,
		removed: processed.removed,
		rejoined: processed.external,
	};
	if (processed.selfRemoved) {
		await showRemoval(context, draft, id, change, entry, [context.self.account]);
		await endConversation(context, draft, id);
		return log;
	}
	await enterWith(context, draft, id, processed.next, change, entry);
	const { device } = processed.committer;
	return device === readId<DeviceId>(entry.senderDevice) ? withSender(log, device, entry.clientSeq) : log;
}

function readPayload(payload: Uint8Array) {
	try {
		return fromBinary(CommitPayloadSchema, payload);
	} catch (cause) {
		throw new Unreadable("Malformed", { cause });
	}
}

/** Processes; where it can not be followed, the conversation is marked for what has to happen next (hazards 11, 18). */
async function followCommit(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	bytes: Uint8Array,
	evidence: Evidence,
) {
	try {
		return await processInGroup(context, draft, id, bytes, evidence);
	} catch (error) {
		if (error instanceof Need) throw error;
		const state = error instanceof MlsRefusal && error.code === "UnknownDevice" ? "refused" : "behind";
		throw new LostTheWay(state, error);
	}
}

/** A commit could not be followed: the group state is of no use for what comes after it. */
export class LostTheWay extends Error {
	override readonly name = "LostTheWay";
	readonly state: "behind" | "refused";
	constructor(state: "behind" | "refused", cause: unknown) {
		super(`the group can not be followed: ${state}`, { cause });
		this.state = state;
	}
}

/** Whatever a committer wrote beside the commit, the commit itself counts. */
function departedIn(authenticatedData: Uint8Array): GroupChange["departed"] {
	try {
		return readAuthenticatedData(authenticatedData).departedDevices.map((bytes) => readId<DeviceId>(bytes));
	} catch {
		return [];
	}
}

interface GroupChange {
	readonly committer: AccountId;
	/** Devices that the committer was asked to remove, because they left. */
	readonly departed: readonly (DeviceId | undefined)[];
	readonly added: readonly GroupMember[];
	readonly removed: readonly GroupMember[];
	readonly rejoined: boolean;
}

async function adopt(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	pending: PendingCommitRecord,
	entry: Entry,
): Promise<void> {
	const { engine } = context;
	const [tree, state] = [await draft.readBytes(KEYS.pendingTree(id)), await draft.readBytes(KEYS.pendingState(id))];
	if (tree === undefined || state === undefined) throw new Unreadable("NoGroup");
	const next = engine.decodeGroup(tree, state);
	const before = await draft.readGroup(id);
	const record = await draft.read(KEYS.conversation(id));
	const removedDevices = new Set(record?.removalsRequired ?? []);
	const earlier = pending.how === "create" || before === undefined ? [ownMember(context)] : engine.members(before);
	const later = engine.members(next);
	const leaves = new Set(later.map(({ device }) => device));
	const known = new Set(earlier.map(({ device }) => device));
	await dropPendingCommit(draft, id);
	await enterWith(
		context,
		draft,
		id,
		next,
		{
			committer: context.self.account,
			departed: earlier.map(({ device }) => device).filter((device) => removedDevices.has(device)),
			added: pending.how === "external" ? [] : later.filter(({ device }) => !known.has(device)),
			removed: pending.how === "external" ? [] : earlier.filter(({ device }) => !leaves.has(device)),
			rejoined: pending.how === "external",
		},
		entry,
		pending.how === "create" && pending.replaces === undefined,
	);
	const newcomers = later.some(({ device }) => !known.has(device));
	// In the transaction in which they are in: a crash leaves nobody in a group without a name.
	if (pending.how === "commit" && newcomers && record?.kind === "group" && record.name !== undefined)
		await enqueueGroupState(context, draft, id, record.name, record.nameChangedAtMs);
	if (pending.replaces !== undefined)
		await continueFrom(context, draft, { id, before: pending.replaces, sender: context.self.account });
	draft.after(() => context.lanes.committed(id, pending.clientSeq));
}

function ownMember(context: DeviceContext): GroupMember {
	return { ...context.self, leaf: 0, signatureKey: context.keys.publicKey };
}

async function enterWith(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	next: MlsGroup,
	change: GroupChange,
	entry: Entry,
	created = false,
): Promise<void> {
	const record = await draft.read(KEYS.conversation(id));
	const before = record?.members ?? [];
	const admins = new Set(created ? [context.self.account] : []);
	const members = membersOf(context.engine, next, before, record?.kind === "group" ? admins : new Set());
	await enterEpoch(context, draft, id, next, (was: ConversationRecord) => ({
		...was,
		members,
		// Whoever came, or came back after missing something, may not have seen anybody's profile.
		profileSentMs: change.added.length > 0 || change.rejoined ? 0 : was.profileSentMs,
	}));
	await noteMissed(context, draft, id, [before, members], entry.seq);
	if (record?.kind !== "group") return;
	if (created) await notice(context, draft, id, entry, change.committer, { kind: "created" });
	const { added, removed } = accountChanges(created ? change.removed : before, members);
	if (!created && added.length > 0)
		await notice(context, draft, id, entry, committerOf(change), { kind: "added", who: added });
	await showRemoval(context, draft, id, change, entry, removed);
	if (change.rejoined && isFirstBeside(context, next, change.committer) && record.name !== undefined)
		await enqueueGroupState(context, draft, id, record.name, record.nameChangedAtMs);
}

/** Who comes back finds changes that others made, and does not know who. */
function committerOf({ committer, rejoined }: GroupChange): AccountId | undefined {
	return rejoined ? undefined : committer;
}

/** One of those who stayed tells whoever came back what the group is called: the one with the lowest leaf. */
function isFirstBeside(context: DeviceContext, group: MlsGroup, committer: AccountId): boolean {
	const others = context.engine.members(group).filter(({ account }) => account !== committer);
	const first = others.toSorted((a, b) => a.leaf - b.leaf)[0];
	return first?.device === context.self.device;
}

/** Who left is shown as having left, whoever committed it. */
async function showRemoval(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	change: GroupChange,
	entry: Entry,
	accounts: readonly AccountId[],
): Promise<void> {
	const departed = new Set(
		change.removed.filter(({ device }) => change.departed.includes(device)).map(({ account }) => account),
	);
	const left = accounts.filter((account) => departed.has(account));
	const removed = accounts.filter((account) => !departed.has(account));
	if (left.length > 0) {
		await notice(context, draft, id, entry, undefined, { kind: "left", who: left });
		await changeConversation(draft, id, (record) => ({
			...record,
			departed: [...new Set([...(record.departed ?? []), ...left])],
		}));
	}
	if (removed.length > 0)
		await notice(context, draft, id, entry, committerOf(change), { kind: "removed", who: removed });
}

async function notice(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	entry: Entry,
	sender: AccountId | undefined,
	body: Parameters<typeof addRow>[3]["body"],
): Promise<void> {
	await addRow(context, draft, id, { seq: entry.seq, id: undefined, sender, timeMs: Number(entry.timeMs), body });
}

/** Marks a conversation whose group can not be followed, and lets its lane see what can be done about it. */
export async function loseTheWay(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	state: "behind" | "refused",
): Promise<void> {
	const pending = await draft.read(KEYS.pendingCommit(id));
	// An external commit of ours that is on its way is the way back: it stays.
	if (pending?.how === "commit") {
		await dropPendingCommit(draft, id);
		draft.after(() => context.lanes.lostRace(id, pending.clientSeq));
	}
	await changeConversation(draft, id, (record) => (record.state === "ended" ? record : { ...record, state }));
	draft.after(() => context.lanes.kick(id));
}
