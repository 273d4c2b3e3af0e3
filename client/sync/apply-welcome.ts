/** A Welcome in the device's own log: this device was added to a conversation (RFC 9420 section 12.4.3.1). */
import { fromBinary } from "@bufbuild/protobuf";
import {
	type ConversationId,
	ConversationKind,
	type Entry,
	readId,
	type WelcomePayload,
	WelcomePayloadSchema,
} from "@troth/protocol";
import { Unreadable } from "../content/unreadable.ts";
import { dropPendingCommit, enterEpoch } from "../conversations/epochs.ts";
import { membersOf } from "../conversations/members.ts";
import { addRow } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { authorityOf } from "../identity/directory.ts";
import { type MlsGroup, MlsRefusal } from "../mls/engine.ts";
import { enqueueIntroduction } from "../outbox/enqueue.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, orderKey } from "../state/keys.ts";
import type { ConversationRecord, KeyPackageRecord, LogRecord } from "../state/records.ts";
import { blobBytes, bulkBytes } from "./bulk.ts";
import { type Evidence, Need } from "./needs.ts";
import { newLog } from "./witness.ts";

/** Joins, or keeps the conversation with the reason why not. Throws Need, or Unreadable where it is no Welcome at all. */
export async function applyWelcome(
	context: DeviceContext,
	draft: Draft,
	entry: Entry,
	evidence: Evidence,
): Promise<void> {
	const payload = readPayload(entry.payload);
	const id = readId<ConversationId>(payload.conversation);
	if (id === undefined) throw new Unreadable("Malformed");
	const known = await draft.read(KEYS.conversation(id));
	// An external commit was faster: the Welcome leads to an epoch that lies behind.
	if (known?.state === "active" && ((await draft.read(KEYS.exporters(id)))?.[0]?.epoch ?? -1) >= payload.epoch) return;
	const log = await draft.read(KEYS.log(id));
	// What came before it is read with the keys of before.
	if (known !== undefined && !evidence.waited.has(id))
		throw new Need({ kind: "entries", log: id, upTo: payload.fromSeq });
	draft.write(KEYS.log(id), logFrom(id, payload.fromSeq, known, log));
	draft.write(KEYS.conversation(id), blankConversation(known, id, payload, Number(entry.timeMs)));
	await dropPendingCommit(draft, id);
	try {
		await enter(context, draft, id, payload, entry, evidence);
	} catch (error) {
		if (error instanceof Need) throw error;
		if (!(error instanceof Unreadable) && !(error instanceof MlsRefusal)) throw error;
		await keepUnjoined(context, draft, id, entry, error);
	}
	draft.after(() => context.inbox.wake(id));
}

/**
 * The log as it begins with a Welcome. Of what it passes over, the server may say that it is lost (`showPassed`): not where
 * this device saw itself removed, because what was said from there on was not for it.
 */
function logFrom(
	id: ConversationId,
	fromSeq: number,
	known: ConversationRecord | undefined,
	log: LogRecord | undefined,
): LogRecord {
	const after = known === undefined ? 0 : (log?.seq ?? 0);
	const begun = newLog(id, Math.max(fromSeq, after), log?.nextClientSeq);
	if (known === undefined || log === undefined || log.joining === true || after >= fromSeq) return begun;
	if (known.state === "ended") return begun;
	return { ...begun, passed: { after, row: `${orderKey(known.lastOrder)}.` } };
}

function readPayload(payload: Uint8Array): WelcomePayload {
	try {
		return fromBinary(WelcomePayloadSchema, payload);
	} catch (cause) {
		throw new Unreadable("Malformed", { cause });
	}
}

/** A record for a conversation this device comes to, keeping its history where it was here before. */
export function blankConversation(
	known: ConversationRecord | undefined,
	id: ConversationId,
	payload: Pick<WelcomePayload, "kind">,
	timeMs: number,
): ConversationRecord {
	return {
		id,
		kind: payload.kind === ConversationKind.DIRECT ? "direct" : "group",
		peer: known?.peer,
		name: known?.name,
		nameChangedAtMs: known?.nameChangedAtMs ?? 0,
		state: "behind",
		members: known?.members ?? [],
		lastOrder: known?.lastOrder ?? 0,
		lastKey: known?.lastKey,
		unread: known?.unread ?? 0,
		readSeq: known?.readSeq ?? 0,
		publishedReadSeq: known?.publishedReadSeq ?? 0,
		activityMs: Math.max(timeMs, known?.activityMs ?? 0),
		profileSentMs: 0,
		forked: false,
		removalsRequired: [],
		tookPart: known === undefined ? false : known.tookPart,
	};
}

async function enter(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	payload: WelcomePayload,
	entry: Entry,
	evidence: Evidence,
): Promise<void> {
	const welcome = bulkBytes(payload.welcome, evidence);
	const tree = blobBytes(payload.tree?.sha256 ?? new Uint8Array(), evidence);
	const keyPackage = await findKeyPackage(context, draft, welcome);
	const group = await join(context, draft, welcome, tree, keyPackage, evidence);
	if (context.engine.id(group) !== id) throw new Unreadable("Malformed");
	if (!keyPackage.lastResort) {
		draft.write(KEYS.keyPackage(keyPackage.ref), undefined);
		draft.writeBytes(KEYS.keyPackageSecret(keyPackage.ref), undefined);
	}
	await enterEpoch(context, draft, id, group, (record) => {
		const members = membersOf(context.engine, group, record.members);
		return { ...record, members, peer: peerOf(context, record, members) };
	});
	if (payload.kind === ConversationKind.GROUP) {
		await addRow(context, draft, id, {
			seq: undefined,
			id: undefined,
			sender: undefined,
			timeMs: Number(entry.timeMs),
			body: { kind: "added", who: [context.self.account] },
		});
		await enqueueIntroduction(context, draft, id);
	}
	draft.after(() => context.attendance.keyPackageUsed());
}

async function findKeyPackage(context: DeviceContext, draft: Draft, welcome: Uint8Array): Promise<KeyPackageRecord> {
	const refs = new Set<string>();
	for (const { ref } of context.state.keptWithin<KeyPackageRecord>(KEYS.keyPackages)) {
		if ((await draft.read(KEYS.keyPackage(ref))) !== undefined) refs.add(ref);
	}
	const ref = context.engine.findKeyPackage(welcome, refs);
	const record = ref === undefined ? undefined : await draft.read(KEYS.keyPackage(ref));
	if (record === undefined) throw new Unreadable("NotForUs");
	return record;
}

async function join(
	context: DeviceContext,
	draft: Draft,
	welcome: Uint8Array,
	tree: Uint8Array,
	{ ref }: KeyPackageRecord,
	evidence: Evidence,
): Promise<MlsGroup> {
	const secret = await draft.readBytes(KEYS.keyPackageSecret(ref));
	if (secret === undefined) throw new Unreadable("NotForUs");
	const { authority, unknown } = authorityOf(draft);
	try {
		return await context.engine.join(welcome, secret, tree, authority);
	} catch (error) {
		const accounts = [...unknown].filter((account) => !evidence.asked.has(account));
		if (accounts.length > 0) throw new Need({ kind: "device-lists", accounts });
		throw error;
	}
}

/** In a direct conversation, the one who is not us. */
export function peerOf(
	context: DeviceContext,
	record: ConversationRecord,
	members: ConversationRecord["members"],
): ConversationRecord["peer"] {
	if (record.kind !== "direct") return undefined;
	return members.find(({ account }) => account !== context.self.account)?.account ?? record.peer;
}

/** The conversation is there and can not be entered: it is shown with the reason, and its lane tries what helps. */
async function keepUnjoined(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	entry: Entry,
	error: Unreadable | MlsRefusal,
): Promise<void> {
	const record = await draft.read(KEYS.conversation(id));
	if (record === undefined) return;
	draft.write(KEYS.conversation(id), { ...record, state: error.code === "UnknownDevice" ? "refused" : "behind" });
	await addRow(context, draft, id, {
		seq: undefined,
		id: undefined,
		sender: undefined,
		timeMs: Number(entry.timeMs),
		body: { kind: "unreadable", code: error.code },
	});
	draft.after(() => context.lanes.kick(id));
}
