import type { ConversationId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, within } from "../state/keys.ts";
import type { MemberRecord, MessageRecord } from "../state/records.ts";

/** Rows looked at for a change of their marks; older ones are read again when somebody scrolls there. */
const LOOKED_AT = 256;
const PAGE = 32;

/** Tells the app how far somebody is, and which own messages are marked otherwise now. */
export async function tellPositions(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	before: MemberRecord,
	after: MemberRecord,
): Promise<void> {
	const { account, deliveredSeq, readSeq } = after;
	draft.after(() => {
		context.announcer.emit({ type: "receipt", conversation: id, account, deliveredSeq, readSeq });
		context.announcer.conversation(id);
		const to = Math.max(deliveredSeq, readSeq);
		context.background(() => tellMarks(context, id, Math.min(before.readSeq, before.deliveredSeq), to));
	});
}

/** Own messages after `from` and up to `to` may be marked otherwise now. */
async function tellMarks(context: DeviceContext, id: ConversationId, from: number, to: number): Promise<void> {
	const rows: MessageRecord[] = [];
	const [start, last] = within(KEYS.messages(id));
	let end = last;
	while (rows.length < LOOKED_AT) {
		const page = await context.state.range<MessageRecord>([start, end], { limit: PAGE, reverse: true });
		rows.push(...page);
		const oldest = page.at(-1);
		if (oldest === undefined || (oldest.seq !== undefined && oldest.seq <= from)) break;
		end = KEYS.message(id, oldest.key);
	}
	for (const row of rows.reverse()) {
		const moved = row.seq !== undefined && row.seq > from && row.seq <= to;
		if (moved && row.sender === context.self.account && row.body.kind === "text") context.announcer.message(id, row);
	}
}
