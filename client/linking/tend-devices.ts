/** What follows for this device from the account's devices as they are, each time it is up to date and when they change. */
import { type ConversationId, type DeviceId, isRefusal, Refusal } from "@troth/protocol";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { learnLists } from "../identity/fetch-lists.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";
import { resumeLinks } from "./confirm-link.ts";
import { forgetUnlinked, noteFirstDevices } from "./device-notices.ts";
import { ownDevices } from "./own-list.ts";

/** This device is up to date. */
export async function tendDevices(context: DeviceContext): Promise<void> {
	// A linked device begins with a list of itself alone.
	if ((context.state.kept(KEYS.account(context.self.account))?.version ?? 0) === 0)
		await learnLists(context, [context.self.account]);
	await noteFirstDevices(context);
	context.ownNotes.start();
	context.joins.start();
	context.history.start();
	await resumeLinks(context);
	await forgetUnlinked(context);
	await removeLeaves(context);
}

/**
 * Commits the removal of leaves that devices which are no longer the account's left behind, the most recent
 * conversations first. Until then nothing can be sent there that they could read: the server waits for it (hazard 10).
 */
export async function removeLeaves(context: DeviceContext): Promise<void> {
	const { state, self } = context;
	if ((state.kept(KEYS.account(self.account))?.version ?? 0) === 0) return;
	const records = [...state.keptWithin<ConversationRecord>(KEYS.conversations)];
	for (const { id } of records.sort((a, b) => b.activityMs - a.activityMs)) {
		const stale = staleLeaves(context, id);
		if (stale.length === 0) continue;
		await state.transact(async (draft) => {
			await changeConversation(draft, id, (record) => ({
				...record,
				removalsRequired: [...new Set([...record.removalsRequired, ...stale])],
			}));
		});
		try {
			await context.lanes.change(id, { kind: "settle" });
		} catch (error) {
			// Somebody else removes them with the next thing that is said there, or this device with its next attach.
			if (!(error instanceof Refusal) || isRefusal(error, "UNAVAILABLE")) throw error;
		}
	}
}

function staleLeaves(context: DeviceContext, id: ConversationId): readonly DeviceId[] {
	const { state, self } = context;
	const record = state.kept(KEYS.conversation(id));
	if (record?.state !== "active") return [];
	const listed = new Set(ownDevices(context).map(({ device }) => device));
	const own = record.members.find(({ account }) => account === self.account)?.devices ?? [];
	return own.map(({ device }) => device).filter((device) => !listed.has(device));
}
