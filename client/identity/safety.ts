import { type AccountId, Refusal } from "@troth/protocol";
import type { SafetyNumber } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord } from "../state/records.ts";
import { learnLists } from "./fetch-lists.ts";
import { digitGroups, safetyNumber } from "./safety-number.ts";

/** What to compare with this person. Refuses with NOT_FOUND where their keys are not known and can not be had. */
export async function safetyNumberOf(context: DeviceContext, account: AccountId): Promise<SafetyNumber> {
	const theirs = await withKey(context, account);
	const own = await withKey(context, context.self.account);
	return {
		digits: safetyNumber(own, theirs),
		epochDigits: await context.state.transact((draft) => epochDigits(context, draft, account)),
		verified: theirs.confirmedKey === theirs.identityKey,
	};
}

/** Keeps what the person decided after comparing; a changed key takes it back. */
export async function confirmSafety(context: DeviceContext, account: AccountId, verified: boolean): Promise<void> {
	const known = await withKey(context, account);
	await context.state.transact(async (draft) => {
		draft.write(KEYS.account(account), { ...known, confirmedKey: verified ? known.identityKey : undefined });
	});
}

async function withKey(
	context: DeviceContext,
	account: AccountId,
): Promise<AccountRecord & { readonly identityKey: string }> {
	if (context.state.kept(KEYS.account(account))?.identityKey === undefined) await learnLists(context, [account]);
	const record = context.state.kept(KEYS.account(account));
	if (record?.identityKey === undefined) throw new Refusal("NOT_FOUND", "no keys are known of this person");
	return { ...record, identityKey: record.identityKey };
}

/** Two groups of digits from the epoch authenticator of the direct conversation (RFC 9420 section 8.7). */
async function epochDigits(
	context: DeviceContext,
	draft: Draft,
	account: AccountId,
): Promise<readonly string[] | undefined> {
	const direct = [...context.views.records()].find(({ peer, state }) => peer === account && state === "active");
	const group = direct === undefined ? undefined : await draft.readGroup(direct.id);
	return group === undefined ? undefined : digitGroups(context.engine.epochAuthenticator(group), 2);
}
