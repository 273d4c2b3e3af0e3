/**
 * Who is blocked does not see the picture any more. Who sees it is a question of who has its key (ADR 0018): for everybody
 * else it is sealed anew, and what the blocked person could fetch is gone. That is noted with the block, and done as soon
 * as there is a way to the server, also after a crash.
 */
import { type AccountId, readId } from "@troth/protocol";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { enqueueIntroduction } from "../outbox/enqueue.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, within } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";
import { inTurn, sealAnew } from "./photo.ts";
import { isOpen } from "./tell.ts";

/** In the transaction that blocks. Somebody who was told nothing of the profile has no key. */
export function shutOut(context: DeviceContext, draft: Draft, account: AccountId): void {
	const told = conversationsWith(context, account).some(
		({ profileSentMs, tookPart }) => profileSentMs > 0 || tookPart === true,
	);
	if (!told || context.profile().photo === undefined) return;
	draft.write(KEYS.shutOut(account), true);
	draft.after(() => context.background(() => sealForOthers(context)));
}

/** In the transaction that takes a block back: they are told again what they may see. */
export async function letIn(context: DeviceContext, draft: Draft, account: AccountId): Promise<void> {
	draft.write(KEYS.shutOut(account), undefined);
	for (const { id, kind, profileSentMs } of conversationsWith(context, account)) {
		if (profileSentMs === 0) continue;
		await changeConversation(draft, id, (record) => ({ ...record, profileSentMs: 0 }));
		const showsSomething = context.profile().shown !== undefined;
		if (kind === "direct" && showsSomething) await enqueueIntroduction(context, draft, id);
	}
}

/** Does what was noted. A person is told that there is no picture; a business does not learn that it was blocked. */
export async function sealForOthers(context: DeviceContext): Promise<void> {
	await inTurn(context, async () => {
		const due = await context.state.rangeKeys<true>(within(KEYS.shutOuts));
		if (due.length === 0) return;
		await sealAnew(context);
		const { businesses } = await context.rpc.businesses.listBusinesses({});
		const silent = new Set(businesses.map(({ accountId }) => readId<AccountId>(accountId)));
		await context.state.transact(async (draft) => {
			for (const [key] of due) {
				const account = key.slice(KEYS.shutOuts.length) as AccountId;
				if ((await draft.read(KEYS.shutOut(account))) === undefined) continue;
				draft.write(KEYS.shutOut(account), undefined);
				for (const { id, kind, profileSentMs } of conversationsWith(context, account))
					if (kind === "direct" && profileSentMs > 0 && !silent.has(account))
						await enqueueIntroduction(context, draft, id);
			}
		});
	});
}

/** Open ones that this account is in. */
function conversationsWith({ state }: DeviceContext, account: AccountId): readonly ConversationRecord[] {
	return [...state.keptWithin<ConversationRecord>(KEYS.conversations)].filter(
		(record) => isOpen(record) && (record.peer === account || record.members.some((one) => one.account === account)),
	);
}
