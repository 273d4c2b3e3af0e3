import type { AccountId, ConversationId } from "@troth/protocol";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";
import { newLog } from "../sync/witness.ts";

/**
 * A conversation of the account's other devices that this one is not in yet: it is shown, and waits for its turn to be
 * come in to (`join-conversations.ts`). Writes its log and gives its record, which the caller writes.
 */
export function joiningConversation(
	draft: Draft,
	known: ConversationRecord | undefined,
	id: ConversationId,
	facts: {
		readonly kind: "direct" | "group";
		readonly peer: AccountId | undefined;
		readonly activityMs: number;
	},
): ConversationRecord {
	draft.write(KEYS.cameIn(id), {});
	draft.write(KEYS.log(id), { ...newLog(id, 0), hash: undefined, joining: true });
	const blank: ConversationRecord = {
		id,
		...facts,
		name: undefined,
		nameChangedAtMs: 0,
		state: "joining",
		members: [],
		lastOrder: 0,
		lastKey: undefined,
		unread: 0,
		readSeq: 0,
		publishedReadSeq: 0,
		profileSentMs: 0,
		forked: false,
		removalsRequired: [],
	};
	if (known === undefined) return blank;
	const { imported: _, ...kept } = known;
	return { ...blank, ...kept, state: "joining", members: [], activityMs: Math.max(facts.activityMs, known.activityMs) };
}
