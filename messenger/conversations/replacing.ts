/**
 * A conversation that takes another one's place: the way out where members hold different histories, or where a group
 * can not go on. The new one has its own log and its own MLS group; the old one ends for everybody in the same
 * transaction. Who is in it does not change, so every member may do it.
 */
import { type AccountId, type ConversationId, type LogId, Refusal } from "@troth/protocol";
import type { LogStore, LogWrite } from "@troth/storage";
import type { Session } from "../context.ts";
import type { LogOwner } from "../delivery/log-owner.ts";
import type { Member } from "../delivery/member.ts";
import { endMember } from "../delivery/membership.ts";
import { accountsOf, unsubscribeSteps } from "./accept-commit.ts";
import { directAlias } from "./direct-alias.ts";
import type { LeafOwner } from "./tree.ts";

/** A conversation has one successor: the store keeps this alias unique. */
export function successorAlias(replaced: ConversationId): string {
	return `after:${replaced}`;
}

/** The direct conversation of these two that is not replaced. */
export async function directOf(
	logs: Pick<LogStore, "findByAlias">,
	a: AccountId,
	b: AccountId,
): Promise<LogId | undefined> {
	const first = await logs.findByAlias(directAlias(a, b));
	return first && newestOf(logs, first as ConversationId);
}

/** The last of those that took each other's place. */
async function newestOf(logs: Pick<LogStore, "findByAlias">, log: ConversationId): Promise<LogId> {
	for (let newest = log; ; ) {
		const next = await logs.findByAlias(successorAlias(newest));
		if (next === undefined) return newest;
		newest = next as ConversationId;
	}
}

/** Refuses with NOT_A_MEMBER, and with FORBIDDEN where it is of the other kind. */
export function requireReplaceable(
	owner: LogOwner | undefined,
	kind: "direct" | "group",
	{ device }: Session,
): asserts owner is LogOwner {
	if (owner?.group === undefined || owner.members.live(device) === undefined)
		throw new Refusal("NOT_A_MEMBER", "this device is not in the conversation that is to be replaced");
	if (owner.group.kind !== kind) throw new Refusal("FORBIDDEN", "a conversation is replaced by one of its kind");
}

/** Nobody comes in this way, and nobody is left out. Refuses with FORBIDDEN. */
export function requireSameAccounts(owner: LogOwner, leaves: readonly LeafOwner[]): void {
	const before = new Set(owner.members.allLive().map(({ of }) => of.account));
	const after = accountsOf(leaves);
	if (before.size !== after.size || [...after].some((account) => !before.has(account)))
		throw new Refusal("FORBIDDEN", "the new conversation has to be of the same accounts");
}

/** What the account was in the conversation before. */
export function roleIn(owner: LogOwner, account: AccountId): Member["role"] {
	return owner.members.accounts.get(account)?.devices.find(({ until }) => until === undefined)?.role ?? "member";
}

/** Everybody reads the old log to its end, and nobody writes to it any more. Only within its owner's `exclusively`. */
export function endingSteps(owner: LogOwner): LogWrite[] {
	const devices = owner.members.allLive().map(({ device }) => device);
	return unsubscribeSteps(owner.log as ConversationId, devices, owner.durable);
}

/** In memory, once that is stored. */
export function ended(owner: LogOwner): void {
	for (const member of [...owner.members.allLive()]) endMember(owner, member, owner.durable);
}
