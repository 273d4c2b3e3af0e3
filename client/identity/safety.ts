import { type AccountId, Refusal } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { SafetyComparison, SafetyNumber } from "../device/trust-api.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord } from "../state/records.ts";
import { learnLists } from "./fetch-lists.ts";
import { compareCode, compareDigits, readSafetyCode, safetyCode } from "./safety-code.ts";
import { digitGroups, safetyNumber } from "./safety-number.ts";

type KnownAccount = AccountRecord & { readonly identityKey: string };

/** What to compare with this person. Refuses with NOT_FOUND where their keys are not known and can not be had. */
export async function safetyNumberOf(context: DeviceContext, account: AccountId): Promise<SafetyNumber> {
	const theirs = await withKey(context, account);
	const own = await withKey(context, context.self.account);
	const { refusedKey } = theirs;
	return {
		digits: safetyNumber(own, theirs),
		epochDigits: await context.state.transact((draft) => epochDigits(context, draft, account)),
		verified: isVerified(theirs),
		code: safetyCode(context.profile().origin, own, theirs),
		change: context.views.changeOf(account),
		offeredDigits: refusedKey === undefined ? undefined : safetyNumber(own, { account, identityKey: refusedKey }),
	};
}

/** Compared and confirmed with the key that is pinned now. */
export function isVerified({ confirmedKey, identityKey }: AccountRecord): boolean {
	return confirmedKey !== undefined && confirmedKey === identityKey;
}

/** Keeps what the person decided after comparing; a changed key takes it back. */
export async function confirmSafety(context: DeviceContext, account: AccountId, verified: boolean): Promise<void> {
	await withKey(context, account);
	await context.state.transact(async (draft) => {
		const known = await draft.read(KEYS.account(account));
		if (known === undefined) return;
		const { change, ...rest } = known;
		// Whoever found that the pinned key is theirs has settled what another one meant.
		const settled = verified && change?.what === "key";
		draft.write(KEYS.account(account), {
			...rest,
			confirmedKey: verified ? known.identityKey : undefined,
			confirmedAtMs: Math.max(context.serverNow(), (known.confirmedAtMs ?? 0) + 1, (known.acceptedAtMs ?? 0) + 1),
			...(settled && { lookedAt: known.refusedKey }),
			...(change !== undefined && !settled && { change }),
		});
		announce(context, draft, account);
		context.ownNotes.note(draft, `person/${account}`);
	});
}

/** What a scanned code or typed digits prove. Refuses with NOT_FOUND where keys can not be had. */
export async function compareSafetyCode(
	context: DeviceContext,
	text: string,
	account: AccountId | undefined,
): Promise<SafetyComparison> {
	const code = readSafetyCode(text);
	const of = account ?? code?.from;
	if (of === undefined) return { account: undefined, outcome: "unreadable" };
	if (code !== undefined && (code.from !== of || code.to !== context.self.account))
		return { account: code.from, outcome: "for-another" };
	const theirs = await withKey(context, of);
	const own = await withKey(context, context.self.account);
	const outcome =
		code === undefined
			? (compareDigits(text, own, theirs, theirs.refusedKey) ?? "unreadable")
			: compareCode(code, own, theirs, theirs.refusedKey);
	return { account: of, outcome };
}

/** The views of all conversations with this account say something else from now on. */
export function announce(context: DeviceContext, draft: Draft, account: AccountId): void {
	draft.after(() => {
		for (const { id, peer, members } of context.views.records())
			if (peer === account || members.some((member) => member.account === account)) context.announcer.conversation(id);
	});
}

async function withKey(context: DeviceContext, account: AccountId): Promise<KnownAccount> {
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
