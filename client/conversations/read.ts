import type { ConversationId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { KEYS, within } from "../state/keys.ts";
import type { ConversationRecord, MessageRecord } from "../state/records.ts";
import { changeConversation } from "./rows.ts";

const PAGE = 64;

/** Everything up to `seq` was read. The others are told where receipts are on; the position never goes back. */
export async function markRead(context: DeviceContext, id: ConversationId, seq: number): Promise<void> {
	const moved = await context.state.transact(async (draft) => {
		const [record, log] = [await draft.read(KEYS.conversation(id)), await draft.read(KEYS.log(id))];
		const readSeq = Math.min(seq, log?.seq ?? 0);
		if (record === undefined || readSeq <= record.readSeq) return false;
		const unread = await countUnread(context, record, readSeq);
		await changeConversation(draft, id, (before) => ({ ...before, readSeq, unread }));
		draft.after(() => context.announcer.conversation(id));
		return true;
	});
	if (moved && context.session.attached) context.signals.publishSoon(id);
}

/** Looks back only as far as there is anything unread. */
async function countUnread(context: DeviceContext, record: ConversationRecord, readSeq: number): Promise<number> {
	const [from, last] = within(KEYS.messages(record.id));
	let to = last;
	let counted = 0;
	let seen = 0;
	while (seen < record.unread) {
		const page = await context.state.range<MessageRecord>([from, to], { limit: PAGE, reverse: true });
		for (const { seq, sender, body } of page) {
			if (body.kind !== "text" || sender === context.self.account) continue;
			seen++;
			if ((seq ?? 0) > readSeq) counted++;
		}
		const oldest = page.at(-1);
		if (oldest === undefined || (oldest.seq !== undefined && oldest.seq <= readSeq)) break;
		to = KEYS.message(record.id, oldest.key);
	}
	return Math.min(counted, record.unread);
}
