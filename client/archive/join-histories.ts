/**
 * Who registered anew writes to the same people in new conversations. A direct one shows the history that came in an
 * archive as its beginning. On this device alone: for everybody else they are two accounts.
 */
import type { ConversationId } from "@troth/protocol";
import { continueFrom } from "../conversations/continuation.ts";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";

/** Joins what is here now and what comes; looks when a conversation changes. */
export function joinHistoriesFromNowOn(context: DeviceContext): void {
	context.announcer.subscribe((event) => {
		if (event.type === "conversation" && joinable(context).length > 0) context.background(() => joinHistories(context));
	});
}

interface Pair {
	readonly before: ConversationId;
	readonly id: ConversationId;
	/** The person registered anew, and was accepted on another device of this account. */
	readonly moved: boolean;
}

/** Each direct conversation that is only history, with the living one of the same person. */
function joinable(context: DeviceContext): readonly Pair[] {
	const pairs: Pair[] = [];
	const taken = new Set<ConversationId>();
	for (const { id: before, peer, kind, imported, state, continuedBy } of context.views.records()) {
		if (kind !== "direct" || continuedBy !== undefined) continue;
		const movedTo = peer === undefined ? undefined : context.state.kept(KEYS.account(peer))?.movedTo;
		const moved = movedTo !== undefined;
		if (!moved && (imported !== true || state !== "ended")) continue;
		for (const { id, ...now } of context.views.records()) {
			if (now.kind !== "direct" || now.peer !== (movedTo ?? peer) || now.state === "creating" || now.state === "ended")
				continue;
			if (now.continues !== undefined || now.continuedBy !== undefined || taken.has(id)) continue;
			taken.add(id);
			pairs.push({ before, id, moved });
			break;
		}
	}
	return pairs;
}

async function joinHistories(context: DeviceContext): Promise<void> {
	await context.state.transact(async (draft) => {
		for (const { before, id, moved } of joinable(context)) {
			const [earlier, now] = [await draft.read(KEYS.conversation(before)), await draft.read(KEYS.conversation(id))];
			if (!free(earlier) || !free(now) || now?.continues !== undefined) continue;
			if (moved) {
				await continueFrom(context, draft, { id, before, sender: context.self.account });
				continue;
			}
			await changeConversation(draft, before, (record) => ({ ...record, continuedBy: id, unread: 0 }));
			await changeConversation(draft, id, (record) => ({ ...record, continues: before }));
			draft.after(() => {
				context.announcer.conversation(before);
				context.announcer.conversation(id);
			});
		}
	});
}

function free(record: ConversationRecord | undefined): boolean {
	return record !== undefined && record.continuedBy === undefined;
}
