/** Rows of a conversation as they are shown, in the order they came to this device. */
import type { ConversationId, MessageId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, orderKey } from "../state/keys.ts";
import type { ConversationRecord, MessageRecord } from "../state/records.ts";

/** Changes the record of a conversation that exists. */
export async function changeConversation(
	draft: Draft,
	id: ConversationId,
	change: (record: ConversationRecord) => ConversationRecord,
): Promise<ConversationRecord> {
	const record = await draft.read(KEYS.conversation(id));
	if (record === undefined) throw new TypeError("no such conversation");
	const changed = change(record);
	draft.write(KEYS.conversation(id), changed);
	return changed;
}

/** Appends a row, counts it as unread where somebody else said something, and tells the app once it is durable. */
export async function addRow(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	row: Omit<MessageRecord, "key" | "failed">,
): Promise<MessageRecord> {
	const own = row.sender === context.self.account;
	let key = "";
	await changeConversation(draft, id, (record) => {
		key = orderKey(record.lastOrder + 1);
		return {
			...record,
			lastOrder: record.lastOrder + 1,
			lastKey: key,
			activityMs: Math.max(record.activityMs, row.timeMs),
			// What was read on another device of the account before it came here is not new.
			unread:
				record.unread +
				(row.body.kind === "text" && !own && !(row.seq !== undefined && row.seq <= record.readSeq) ? 1 : 0),
			...(own && row.body.kind === "text" && { tookPart: true }),
		};
	});
	const written: MessageRecord = { ...row, key, failed: undefined };
	writeRow(context, draft, id, written);
	if (row.id !== undefined) draft.write(KEYS.messageKey(id, row.id), key);
	return written;
}

/** Writes a new or changed row and tells the app. */
export function writeRow(context: DeviceContext, draft: Draft, id: ConversationId, row: MessageRecord): void {
	draft.write(KEYS.message(id, row.key), row);
	draft.after(() => {
		context.announcer.message(id, row);
		context.announcer.conversation(id);
	});
}

/** The row of the message with this id. */
export async function findRow(
	draft: Draft,
	id: ConversationId,
	message: MessageId,
): Promise<MessageRecord | undefined> {
	const key = await draft.read(KEYS.messageKey(id, message));
	return key === undefined ? undefined : draft.read(KEYS.message(id, key));
}
