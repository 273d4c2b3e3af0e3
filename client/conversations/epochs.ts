/** A conversation's group enters a new epoch: by a commit of others, of this device, or by joining. */
import { type ConversationId, EXPORTER, idBytes, toHex } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { unlistedIn, withRemovals } from "../identity/unlisted.ts";
import type { MlsEngine, MlsGroup } from "../mls/engine.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { ExporterRecord } from "../state/records.ts";
import { changeConversation } from "./rows.ts";

const KEY_BYTES = 32;
/** Receipts and signals of the epoch before may still be on their way. */
const EPOCHS_KEPT = 2;

/**
 * Writes the new state, the epoch's receipt and signal keys, and the members. The exporter's context is the
 * conversation id, so that no key serves for two conversations.
 */
export async function enterEpoch(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	group: MlsGroup,
	members: Parameters<typeof changeConversation>[2],
): Promise<void> {
	draft.writeGroup(id, group);
	const unlisted = (await unlistedIn(context, draft, group)).map(({ device }) => device);
	const epoch = context.engine.epoch(group);
	const before = (await draft.read(KEYS.exporters(id))) ?? [];
	draft.write(KEYS.exporters(id), [
		{ epoch, ...(await exportKeys(context.engine, id, group)) },
		...before.filter((known) => known.epoch < epoch).slice(0, EPOCHS_KEPT - 1),
	]);
	await changeConversation(draft, id, (record) => {
		// What was given up is read to its end and goes nowhere else.
		const changed = members({ ...record, state: record.continuedBy === undefined ? "active" : "ended" });
		const devices = new Set(changed.members.flatMap((member) => member.devices.map(({ device }) => device)));
		const required = changed.removalsRequired.filter((device) => devices.has(device));
		return withRemovals({ ...changed, removalsRequired: required }, unlisted);
	});
	await tellOwnDevices(context, draft, id);
	draft.after(() => {
		context.announcer.conversation(id);
		context.signals.epochChanged(id);
		context.attendance.membersChanged(id);
		context.lanes.kick(id);
	});
}

/** Devices of the account that are not in it yet, as one that was linked a moment ago, learn that there is something. */
async function tellOwnDevices(context: DeviceContext, draft: Draft, id: ConversationId): Promise<void> {
	const record = await draft.read(KEYS.conversation(id));
	const here = record?.members.find(({ account }) => account === context.self.account)?.devices ?? [];
	const listed = (await draft.read(KEYS.account(context.self.account)))?.devices ?? [];
	if (listed.some(({ device }) => device !== context.self.device && here.every((one) => one.device !== device)))
		context.ownNotes.note(draft, `conversation/${id}`);
}

async function exportKeys(
	engine: MlsEngine,
	id: ConversationId,
	group: MlsGroup,
): Promise<Omit<ExporterRecord[number], "epoch">> {
	const [receipts, signals] = await Promise.all([
		engine.exportSecret(group, EXPORTER.receipts, idBytes(id), KEY_BYTES),
		engine.exportSecret(group, EXPORTER.signals, idBytes(id), KEY_BYTES),
	]);
	return { receipts: toHex(receipts), signals: toHex(signals) };
}

/** This device is no longer a member: its keys go, the history stays. Who waits for a send is told. */
export async function endConversation(context: DeviceContext, draft: Draft, id: ConversationId): Promise<void> {
	draft.writeGroup(id, undefined);
	draft.write(KEYS.exporters(id), undefined);
	await dropPendingCommit(draft, id);
	await changeConversation(draft, id, (record) => ({ ...record, state: "ended", removalsRequired: [] }));
	draft.after(() => {
		context.announcer.conversation(id);
		context.lanes.kick(id);
	});
}

/** Forgets a commit that is not in the log and will not be. */
export async function dropPendingCommit(draft: Draft, id: ConversationId): Promise<void> {
	const pending = await draft.read(KEYS.pendingCommit(id));
	if (pending === undefined) return;
	draft.write(KEYS.pendingCommit(id), undefined);
	for (const key of [KEYS.pendingRequest(id), KEYS.pendingTree(id), KEYS.pendingState(id)])
		draft.writeBytes(key, undefined);
}
