/**
 * A conversation that goes on in another one: two logs and two groups, shown as one history. Which of them continues
 * which is said by a member inside the ciphertext; the server only ends the old log.
 */
import { type AccountId, type ConversationId, readId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import { endConversation } from "./epochs.ts";
import { peopleIn } from "./members.ts";
import { addRow, changeConversation } from "./rows.ts";

interface Continuing {
	readonly id: ConversationId;
	readonly before: ConversationId;
	/** Who began it anew. */
	readonly sender: AccountId;
}

/** A member says whose place this conversation takes. Believed where it brings nobody in who was not there before. */
export async function learnContinuation(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	sender: AccountId,
	replaces: Uint8Array,
): Promise<void> {
	const before = readId<ConversationId>(replaces);
	if (before === undefined) return;
	const [now, earlier] = [await draft.read(KEYS.conversation(id)), await draft.read(KEYS.conversation(before))];
	if (now === undefined || earlier === undefined || now.kind !== earlier.kind) return;
	const known = peopleIn(earlier);
	if (!known.has(sender) || [...peopleIn(now)].some((account) => !known.has(account))) return;
	await continueFrom(context, draft, { id, before, sender });
}

/**
 * Shows the earlier conversation as the beginning of this one from now on. Nothing is sent in it any more, what waited
 * is shown as failed, and what is still on its way is read. False where one of them is part of another history already.
 */
export async function continueFrom(
	context: DeviceContext,
	draft: Draft,
	{ id, before, sender }: Continuing,
): Promise<boolean> {
	const [now, earlier] = [await draft.read(KEYS.conversation(id)), await draft.read(KEYS.conversation(before))];
	if (now === undefined || earlier === undefined || id === before) return false;
	if (now.continues !== undefined || now.continuedBy !== undefined || earlier.continuedBy !== undefined) return false;
	await changeConversation(draft, before, (record) => ({
		...record,
		state: "ended",
		continuedBy: id,
		unread: 0,
		removalsRequired: [],
	}));
	await changeConversation(draft, id, (record) => ({
		...record,
		continues: before,
		unread: record.unread + earlier.unread,
		name: record.name ?? earlier.name,
	}));
	await addRow(context, draft, id, {
		seq: undefined,
		id: undefined,
		sender,
		timeMs: context.serverNow(),
		body: { kind: "restarted" },
	});
	draft.after(() => {
		context.announcer.conversation(before);
		context.announcer.conversation(id);
		context.lanes.kick(before);
	});
	return true;
}

/** Whatever was on its way is here: the keys of what was given up go. */
export async function forgetGivenUp(context: DeviceContext): Promise<void> {
	for (const { id, continuedBy } of [...context.views.records()]) {
		if (continuedBy === undefined || context.state.kept(KEYS.exporters(id)) === undefined) continue;
		await context.state.transact((draft) => endConversation(context, draft, id));
	}
}
