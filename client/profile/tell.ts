/** Saying that something about oneself changed, without a word in the chat, or with the one that the number did. */
import type { AccountId, ConversationId, MessageId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { NumberTelling } from "../device/profile-api.ts";
import { contacts } from "../finding/contacts.ts";
import { enqueueIntroduction } from "../outbox/enqueue.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";
import { isShut } from "./own-profile.ts";

export const isOpen = ({ state }: ConversationRecord) => state === "active" || state === "behind";

/** In every conversation but those with who is blocked, what changed in the profile goes out with a message that shows nothing. */
export async function introduceEverywhere(context: DeviceContext): Promise<void> {
	const open = [...context.state.keptWithin<ConversationRecord>(KEYS.conversations)].filter(
		(record) => isOpen(record) && !isShut(context, record),
	);
	await context.state.transact(async (draft) => {
		for (const { id } of open) await enqueueIntroduction(context, draft, id);
	});
}

/** One that was told, or will be. */
export interface Told {
	readonly conversation: ConversationId;
	readonly message: MessageId;
}

/** In the direct conversations with these people, a row says that the number changed. Returns what was put into the outbox. */
export async function tellNumberChanged(
	context: DeviceContext,
	draft: Draft,
	telling: NumberTelling,
	changedAtMs: number,
): Promise<readonly Told[]> {
	const people: ReadonlySet<AccountId> = new Set(await peopleToTell(context, telling));
	const direct = [...context.state.keptWithin<ConversationRecord>(KEYS.conversations)].filter(
		(record) => isOpen(record) && record.kind === "direct" && record.peer !== undefined && people.has(record.peer),
	);
	const told: Told[] = [];
	for (const { id } of direct)
		told.push({ conversation: id, message: await enqueueIntroduction(context, draft, id, changedAtMs) });
	return told;
}

async function peopleToTell(context: DeviceContext, telling: NumberTelling): Promise<readonly AccountId[]> {
	switch (telling.to) {
		case "contacts":
			return contacts(context);
		case "chosen":
			return telling.accounts;
		case "nobody":
			return [];
	}
}
