/** What members do with a group beside writing: add, remove, rename, leave. */
import { type AccountId, type ConversationId, idBytes, type MessageId, Refusal } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { enqueueGroupState } from "../outbox/enqueue.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";
import { checkGroupName, requireConnection } from "./create.ts";
import { endConversation } from "./epochs.ts";
import { addRow } from "./rows.ts";

/** The conversation, where it is a group this device is in. Refuses with NOT_FOUND, FORBIDDEN, NOT_A_MEMBER. */
function requireGroup(context: DeviceContext, id: ConversationId): ConversationRecord {
	const record = context.state.kept(KEYS.conversation(id));
	if (record === undefined || record.state === "creating") throw new Refusal("NOT_FOUND", "no such conversation");
	if (record.kind !== "group") throw new Refusal("FORBIDDEN", "a direct conversation stays between two");
	if (record.state === "ended") throw new Refusal("NOT_A_MEMBER", "this device is no longer in the group");
	return record;
}

/** Adds everybody's devices in one commit; what the group is called is told when it is in the log. */
export async function addMembers(
	context: DeviceContext,
	id: ConversationId,
	accounts: readonly AccountId[],
): Promise<void> {
	requireGroup(context, id);
	await context.lanes.change(id, { kind: "add", accounts: [...new Set(accounts)] });
}

export async function removeMembers(
	context: DeviceContext,
	id: ConversationId,
	accounts: readonly AccountId[],
): Promise<void> {
	const record = requireGroup(context, id);
	if (accounts.includes(context.self.account)) throw new Refusal("FORBIDDEN", "leave the group instead");
	if (accounts.some((account) => !record.members.some((member) => member.account === account)))
		throw new Refusal("NOT_FOUND", "somebody is not in the group");
	await context.lanes.change(id, { kind: "remove", accounts: [...new Set(accounts)] });
}

/** Resolves when the new name is in the group's log. */
export async function renameGroup(context: DeviceContext, id: ConversationId, name: string): Promise<void> {
	requireGroup(context, id);
	const title = checkGroupName(name);
	let outcome: Promise<unknown> = Promise.resolve();
	await context.state.transact(async (draft) => {
		const record = await draft.read(KEYS.conversation(id));
		const changedAtMs = Math.max(context.serverNow(), (record?.nameChangedAtMs ?? 0) + 1);
		const message: MessageId = await enqueueGroupState(context, draft, id, title, changedAtMs);
		outcome = context.lanes.outcome(id, message);
	});
	await outcome;
}

/** Ends this account's part at once; another member commits the removal of its leaves (hazard 10). */
export async function leave(context: DeviceContext, id: ConversationId): Promise<void> {
	requireGroup(context, id);
	requireConnection(context);
	await context.rpc.conversations.leaveConversation({ conversation: idBytes(id) });
	await context.state.transact(async (draft) => {
		await addRow(context, draft, id, {
			seq: undefined,
			id: undefined,
			sender: context.self.account,
			timeMs: context.serverNow(),
			body: { kind: "left", who: [context.self.account] },
		});
		await endConversation(context, draft, id);
	});
}
