/** Whom this person has to do with: what "my contacts" means wherever somebody is let see or find something. */
import type { AccountId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { KEYS, within } from "../state/keys.ts";
import type { ContactRecord, ConversationRecord, MessageRecord } from "../state/records.ts";

const PAGE = 64;

/**
 * The accounts that this person has a direct conversation with in which they wrote, and those of the imported contacts,
 * without who is blocked. In ascending order, each once. Whoever only wrote to this person is none of them.
 */
export async function contacts(context: Pick<DeviceContext, "state" | "self">): Promise<readonly AccountId[]> {
	const { state, self } = context;
	const found = new Set<AccountId>();
	for (const record of [...state.keptWithin<ConversationRecord>(KEYS.conversations)]) {
		const { kind, peer } = record;
		if (kind === "direct" && peer !== undefined && (await tookPart(context, record))) found.add(peer);
	}
	for (const { account } of state.keptWithin<ContactRecord>(KEYS.contacts))
		if (account !== undefined) found.add(account);
	found.delete(self.account);
	return [...found].filter((account) => state.kept(KEYS.account(account))?.blocked !== true).sort();
}

/** Conversations of before it was noted are looked through, newest rows first. */
async function tookPart({ state, self }: Pick<DeviceContext, "state" | "self">, record: ConversationRecord) {
	if (record.tookPart !== undefined) return record.tookPart;
	const [from, last] = within(KEYS.messages(record.id));
	for (let to = last; ; ) {
		const page = await state.range<MessageRecord>([from, to], { limit: PAGE, reverse: true });
		if (page.some(({ sender, body }) => sender === self.account && body.kind === "text")) return true;
		const oldest = page.at(-1);
		if (oldest === undefined || page.length < PAGE) return false;
		to = KEYS.message(record.id, oldest.key);
	}
}
