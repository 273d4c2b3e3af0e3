/** Puts something into the outbox of a conversation. It is encrypted when it is its turn (hazard 12). */
import { type ConversationId, ID_BYTES, type MessageId, toHex } from "@troth/protocol";
import type { PreparedMessage } from "../business/outgoing.ts";
import { addRow, changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, orderKey } from "../state/keys.ts";
import type { MessageRecord, OutboxBody } from "../state/records.ts";

/** A text: shown at once, waiting. */
export async function enqueueText(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	text: string,
	replyTo: MessageId | undefined,
	business?: PreparedMessage["business"],
): Promise<MessageRecord> {
	const message = newMessageId(context);
	const timeMs = context.serverNow();
	const row = await addRow(context, draft, id, {
		seq: undefined,
		id: message,
		sender: context.self.account,
		timeMs,
		body: { kind: "text", text, replyTo, ...(business && { business: business.shown }) },
	});
	const body = { kind: "text", text, replyTo, ...(business && { business: business.outgoing }) } as const;
	put(context, draft, id, row.key, message, body, timeMs);
	return row;
}

/** Says who this is, where the others can not know it yet, and, with a time, that the number changed then. */
export async function enqueueIntroduction(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	numberChangedAtMs?: number,
): Promise<MessageId> {
	return enqueueSilently(context, draft, id, {
		kind: "introduction",
		...(numberChangedAtMs !== undefined && { numberChangedAtMs }),
	});
}

/** Describes the group. `changedAtMs` is kept where it is only repeated for new members. Returns the message's id. */
export async function enqueueGroupState(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	name: string,
	changedAtMs: number,
): Promise<MessageId> {
	return enqueueSilently(context, draft, id, { kind: "group-state", name, changedAtMs });
}

/** Says whose place this conversation takes. Nothing may stand before it. */
export async function enqueueContinuation(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	replaces: ConversationId,
): Promise<void> {
	await enqueueSilently(context, draft, id, { kind: "continuation", replaces });
}

async function enqueueSilently(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	body: OutboxBody,
): Promise<MessageId> {
	const message = newMessageId(context);
	const { lastOrder } = await changeConversation(draft, id, (record) => ({
		...record,
		lastOrder: record.lastOrder + 1,
	}));
	put(context, draft, id, orderKey(lastOrder), message, body, context.serverNow());
	return message;
}

function put(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	key: string,
	message: MessageId,
	body: OutboxBody,
	sentAtMs: number,
): void {
	draft.write(KEYS.outbox(id, key), { key, id: message, body, sentAtMs, sealed: undefined, storedSeq: undefined });
	draft.after(() => context.lanes.kick(id));
}

function newMessageId(context: DeviceContext): MessageId {
	return toHex(context.random(ID_BYTES)) as MessageId;
}
