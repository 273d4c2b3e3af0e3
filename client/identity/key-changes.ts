/** What a person does about a key that changed: look at it and go on, or take it. */
import { type AccountId, type ConversationId, Refusal } from "@troth/protocol";
import { continueFrom } from "../conversations/continuation.ts";
import { directWith, openDirect, restartConversation } from "../conversations/create.ts";
import { peopleIn } from "../conversations/members.ts";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { removeLeaves } from "../linking/tend-devices.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord } from "../state/records.ts";
import { concerns, readAccount } from "./directory.ts";
import { learnLists } from "./fetch-lists.ts";
import { followIntoGroups, tellWhereGone } from "./follow-people.ts";
import { replaceKey } from "./replace-key.ts";
import { announce } from "./safety.ts";
import { requireRemovals } from "./unlisted.ts";

/** Refuses with KEYS_CHANGED where somebody here was verified, changed, and the person has not looked at it yet. */
export function requireLookedAt({ state }: DeviceContext, id: ConversationId): void {
	const record = state.kept(KEYS.conversation(id));
	const people = record === undefined ? new Set<AccountId>() : peopleIn(record);
	for (const known of state.keptWithin<AccountRecord>(KEYS.accounts))
		if (known.change?.asks === true && concerns(known, people))
			throw new Refusal("KEYS_CHANGED", "the key of somebody who was verified changed");
}

/** The keys stay as they were pinned, and sending asks no more. */
export async function acknowledgeKeyChange(context: DeviceContext, account: AccountId): Promise<void> {
	await context.state.transact(async (draft) => {
		const known = await readAccount(draft, account);
		if (known.change === undefined) return;
		const { change } = known;
		const lookedAt = change.what === "key" ? known.refusedKey : change.successor;
		draft.write(KEYS.account(account), { ...known, lookedAt, change: { ...change, asks: false, seen: true } });
		announce(context, draft, account);
		context.ownNotes.note(draft, `person/${account}`);
	});
}

/** See `TrustDevice.acceptKeyChange`. */
export async function acceptKeyChange(context: DeviceContext, account: AccountId): Promise<ConversationId | undefined> {
	const known = context.state.kept(KEYS.account(account));
	const successor = known?.change?.successor;
	if (successor !== undefined) return moveTo(context, account, successor);
	if (known?.refusedKey === undefined) throw new Refusal("NOT_FOUND", "nothing about this person's keys changed");
	await pinOfferedKey(context, account);
	// The account's other devices have to believe the key before the conversation with it comes.
	await context.ownNotes.tellNow();
	await judgeAnew(context, account);
	const direct = directWith(context, account);
	return direct === undefined ? undefined : restartConversation(context, direct);
}

/** From here on the refused key is the account's; whatever the former one signed counts no more. */
async function pinOfferedKey(context: DeviceContext, account: AccountId): Promise<void> {
	await context.state.transact(async (draft) => {
		const { change: _, ...known } = await readAccount(draft, account);
		if (known.refusedKey === undefined) return;
		const acceptedAtMs = Math.max(context.serverNow(), (known.acceptedAtMs ?? 0) + 1, (known.confirmedAtMs ?? 0) + 1);
		draft.write(KEYS.account(account), {
			...replaceKey(known, known.refusedKey, acceptedAtMs),
			refusedKey: undefined,
		});
		announce(context, draft, account);
		context.ownNotes.note(draft, `person/${account}`);
	});
	await learnLists(context, [account]);
}

/** The person took what changed on another device: what follows from it here. What a crash leaves is done at attach. */
export async function followAcceptance(context: DeviceContext, account: AccountId): Promise<void> {
	const known = context.state.kept(KEYS.account(account));
	if (known?.acceptedAtMs !== undefined && known.version === 0) {
		await learnLists(context, [account]);
		await judgeAnew(context, account, "direct");
	}
	if (known?.movedTo !== undefined) await followIntoGroups(context);
}

/** Keys that were accepted, and whose list could not be asked for then. */
export async function followAcceptances(context: DeviceContext): Promise<void> {
	for (const { account, acceptedAtMs, version } of [...context.state.keptWithin<AccountRecord>(KEYS.accounts)])
		if (acceptedAtMs !== undefined && version === 0) await followAcceptance(context, account);
}

/** What the new key lists holds in groups: devices that it does not list go, those that were refused for it come in. */
async function judgeAnew(context: DeviceContext, account: AccountId, also?: "direct"): Promise<void> {
	await context.state.transact(async (draft) => {
		await requireRemovals(context, draft, account);
		for (const record of [...context.views.records()]) {
			if (record.kind === "direct" && also === undefined) continue;
			if (record.state !== "refused" || !peopleIn(record).has(account)) continue;
			await changeConversation(draft, record.id, (before) => ({ ...before, state: "behind" }));
			draft.after(() => context.lanes.kick(record.id));
		}
	});
	context.background(() => removeLeaves(context));
}

/** The person registered anew: the chat goes on with the account that has their number now. */
async function moveTo(context: DeviceContext, account: AccountId, successor: AccountId): Promise<ConversationId> {
	const before = directWith(context, account, { ended: true });
	const id = await openDirect(context, successor);
	await context.state.transact(async (draft) => {
		const { change: _, ...known } = await readAccount(draft, account);
		draft.write(KEYS.account(account), { ...known, movedTo: successor });
		for (const one of [account, successor]) context.ownNotes.note(draft, `person/${one}`);
		await tellWhereGone(context, draft, account, successor);
		if (before !== undefined && before !== id)
			await continueFrom(context, draft, { id, before, sender: context.self.account });
		announce(context, draft, account);
	});
	context.background(() => followIntoGroups(context));
	return id;
}
