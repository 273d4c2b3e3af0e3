/**
 * Somebody registered anew, and was accepted as who they are: in groups as well. Where this device's person may, the
 * account of before goes and the new one comes in, by one commit; elsewhere the group says what an admin has to do.
 */
import { type AccountId, type ConversationId, isRefusal, Refusal } from "@troth/protocol";
import { addRow, changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord, ConversationRecord } from "../state/records.ts";

/** What is left to do stands in the records: it goes on with the next attach. */
export async function followIntoGroups(context: DeviceContext): Promise<void> {
	const moved = [...context.state.keptWithin<AccountRecord>(KEYS.accounts)];
	for (const { account, movedTo } of moved) {
		if (movedTo === undefined) continue;
		for (const record of [...context.views.records()])
			if (isIn(record, account) && record.leftOut?.includes(movedTo) !== true)
				await replaceIn(context, record.id, account, movedTo);
	}
}

function isIn({ kind, state, members }: ConversationRecord, account: AccountId): boolean {
	return kind === "group" && state === "active" && members.some((member) => member.account === account);
}

/** The server says who may. */
async function replaceIn(
	context: DeviceContext,
	id: ConversationId,
	account: AccountId,
	successor: AccountId,
): Promise<void> {
	try {
		await context.lanes.change(id, { kind: "replace", account, successor });
	} catch (error) {
		// Not now: tried again with the next attach.
		if (!(error instanceof Refusal) || isRefusal(error, "UNAVAILABLE", "RATE_LIMITED", "STALE_EPOCH")) throw error;
		await context.state.transact((draft) => tellLeftOut(context, draft, id, successor));
	}
}

/** In groups that the account of before is no more in, the new one is not either: whether they left is not known. */
export async function tellWhereGone(
	context: DeviceContext,
	draft: Draft,
	account: AccountId,
	successor: AccountId,
): Promise<void> {
	for (const { id, kind, state, members, departed } of [...context.views.records()]) {
		if (kind !== "group" || state !== "active" || departed?.includes(account) !== true) continue;
		if (members.some((member) => member.account === account || member.account === successor)) continue;
		await tellLeftOut(context, draft, id, successor);
	}
}

/** Once for each. */
async function tellLeftOut(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	successor: AccountId,
): Promise<void> {
	const { leftOut = [] } = (await draft.read(KEYS.conversation(id))) ?? {};
	if (leftOut.includes(successor)) return;
	await changeConversation(draft, id, (record) => ({ ...record, leftOut: [...leftOut, successor] }));
	await addRow(context, draft, id, {
		seq: undefined,
		id: undefined,
		sender: undefined,
		timeMs: context.serverNow(),
		body: { kind: "keys-changed", who: [successor], what: "left-out" },
	});
}
