/** Who may change what in a conversation: the part of a commit's checks that is policy and not MLS. Pure. */
import { type AccountId, type DeviceId, LIMITS, Refusal } from "@troth/protocol";
import type { Session } from "../context.ts";
import type { GroupAfter } from "./next-state.ts";

export interface ChangeFacts {
	readonly kind: "direct" | "group";
	readonly caller: Session;
	readonly callerIsAdmin: boolean;
	readonly external: boolean;
	readonly change: GroupAfter;
	/** Accounts with a leaf before the commit. */
	readonly accountsBefore: ReadonlySet<AccountId>;
	/** Devices whose leaves wait for removal. */
	readonly pendingRemovals: readonly DeviceId[];
	/** Removed ones that their account does not list (any more). */
	readonly unlisted: ReadonlySet<DeviceId>;
	/** Direct conversations: the two accounts. */
	readonly pair: ReadonlySet<AccountId> | undefined;
}

/** Refuses with FORBIDDEN, COMMIT_REQUIRED, COMMIT_INVALID or GROUP_FULL. */
export function checkChange(facts: ChangeFacts): void {
	const { change, caller, external } = facts;
	if (change.leaves.length > LIMITS.groupLeaves)
		throw new Refusal("GROUP_FULL", `a group has at most ${LIMITS.groupLeaves} devices`);
	const { committer } = change;
	if (committer.account !== caller.account || committer.device !== caller.device)
		throw new Refusal("COMMIT_INVALID", "the committer's leaf is not the caller's");
	if (external) checkExternal(facts);
	else {
		checkPending(facts);
		checkRemovals(facts);
	}
	checkAdditions(facts);
	if (facts.pair !== undefined && change.leaves.some(({ account }) => facts.pair?.has(account) === false))
		throw new Refusal("FORBIDDEN", "a direct conversation is between two accounts");
}

/** Who joins from outside replaces its own earlier leaf and touches nobody else. */
function checkExternal({ change, caller }: ChangeFacts): void {
	if (change.removed.some(({ device }) => device !== caller.device))
		throw new Refusal("COMMIT_INVALID", "an external commit removes another device");
}

/** A removal that waits comes first: until then nothing may be sent (hazard 10). */
function checkPending({ pendingRemovals, change }: ChangeFacts): void {
	const removed = new Set(change.removed.map(({ device }) => device));
	const missing = pendingRemovals.filter((device) => !removed.has(device));
	if (missing.length > 0)
		throw new Refusal("COMMIT_REQUIRED", "the commit leaves out removals that wait", { removeDevices: missing });
}

/** What is no device of a member may be removed by everybody: who knows the newest list need not wait for the others. */
function checkRemovals({ kind, change, caller, callerIsAdmin, pendingRemovals, unlisted }: ChangeFacts): void {
	const pending = new Set([...pendingRemovals, ...unlisted]);
	const staying = new Set(change.leaves.map(({ account }) => account));
	for (const { account, device } of change.removed) {
		if (pending.has(device) || account === caller.account) continue;
		if (kind === "direct" || !callerIsAdmin) throw new Refusal("FORBIDDEN", "only admins remove others");
		if (staying.has(account)) throw new Refusal("FORBIDDEN", "others are removed with all their devices");
	}
}

function checkAdditions({ kind, change, callerIsAdmin, accountsBefore, pair }: ChangeFacts): void {
	for (const { account } of change.added) {
		if (accountsBefore.has(account) || pair?.has(account)) continue;
		if (kind === "direct" || !callerIsAdmin) throw new Refusal("FORBIDDEN", "only admins add others");
	}
}
