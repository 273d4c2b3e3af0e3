import type { ConversationId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, within } from "../state/keys.ts";
import type { ConversationRecord, MessageRecord } from "../state/records.ts";
import { changeConversation } from "./rows.ts";

const PAGE = 64;

/** Everything up to `seq` was read. The others are told where receipts are on; the position never goes back. */
export async function markRead(context: DeviceContext, id: ConversationId, seq: number): Promise<void> {
	const moved = await context.state.transact(async (draft) => {
		const log = await draft.read(KEYS.log(id));
		const changed = await moveTo(context, draft, id, Math.min(seq, log?.seq ?? 0));
		// Where the others are told nothing, the account's own devices still are.
		if (changed && !context.profile().settings.readReceipts) context.ownNotes.note(draft, `conversation/${id}`);
		return changed;
	});
	if (moved && context.session.attached) context.signals.publishSoon(id);
}

/** Another device of the account says how far its person has read, perhaps further than what came here yet. */
export async function followRead(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	readSeq: number,
): Promise<void> {
	if (!(await moveTo(context, draft, id, readSeq))) return;
	// Whoever is to know it knows it from there.
	await changeConversation(draft, id, (before) => ({
		...before,
		publishedReadSeq: Math.max(before.publishedReadSeq, readSeq),
	}));
}

/** False where it is there or further already. */
async function moveTo(context: DeviceContext, draft: Draft, id: ConversationId, readSeq: number): Promise<boolean> {
	const record = await draft.read(KEYS.conversation(id));
	if (record === undefined || readSeq <= record.readSeq) return false;
	const unread = await countUnread(context, record, readSeq);
	await changeConversation(draft, id, (before) => ({ ...before, readSeq, unread }));
	draft.after(() => context.announcer.conversation(id));
	return true;
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
