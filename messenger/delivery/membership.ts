/** The end of subscriptions: a device left, or was taken off its account's list. Its leaf waits for the commit that removes it. */
import type { AccountId, DeviceId } from "@troth/protocol";
import type { LogWrite } from "@troth/storage";
import type { Exchange } from "./exchange.ts";
import type { LogOwner } from "./log-owner.ts";
import type { Member } from "./member.ts";

/**
 * Ends the subscriptions of these devices at the present head; durable when it resolves. Only within the owner's
 * `exclusively`. From now on messages are refused with COMMIT_REQUIRED until a member has committed the removals
 * (hazard 10).
 */
export async function endMemberships({ logs }: Exchange, owner: LogOwner, devices: readonly DeviceId[]): Promise<void> {
	const ending = devices.flatMap((device) => owner.members.live(device) ?? []);
	if (ending.length === 0) return;
	const { log, group, durable: until } = owner;
	const promoted = newAdmins(owner, new Set(ending));
	const pendingRemovals = [...(group?.pendingRemovals ?? []), ...ending.map(({ device }) => device)];
	const steps: LogWrite[] = ending.map(({ device }) => ({ kind: "unsubscribe", log, device, until }));
	for (const member of promoted) steps.push({ kind: "subscribe", subscription: { ...member.row(), role: "admin" } });
	if (group !== undefined) steps.push({ kind: "pending-removals", log, devices: pendingRemovals });
	try {
		await logs.write(steps);
	} catch (error) {
		owner.abandon();
		throw error;
	}
	if (group !== undefined) owner.group = { ...group, pendingRemovals };
	for (const member of promoted) member.role = "admin";
	for (const member of ending) endMember(owner, member, until);
}

/** In memory: the member gets nothing later than `until`, and is forgotten when it has acknowledged that. */
export function endMember(owner: LogOwner, member: Member, until: number): void {
	member.until = until;
	if (member.isOver()) owner.members.forget(member);
}

/**
 * A group whose last admin goes gets a new one: the account that has been there for longest. Without one nobody could
 * ever be added again.
 */
export function newAdmins(owner: LogOwner, going: ReadonlySet<Member>): readonly Member[] {
	if (owner.group?.kind !== "group") return [];
	const staying = owner.members.allLive().filter((member) => !going.has(member));
	if (staying.some(({ role }) => role === "admin")) return [];
	const oldest = staying.toSorted((a, b) => a.from - b.from || (a.leaf ?? 0) - (b.leaf ?? 0))[0];
	return oldest === undefined ? [] : staying.filter(({ of }) => of === oldest.of);
}

/** Takes devices that left their account out of every log they read. Idempotent: what was done is not done again. */
export async function dropDevices(exchange: Exchange, devices: readonly DeviceId[]): Promise<void> {
	const byLog = new Map<string, { readonly log: DeviceId; readonly devices: DeviceId[] }>();
	for (const device of devices) {
		for (const { log, until } of await exchange.logs.subscriptionsOf(device)) {
			if (until !== undefined) continue;
			const entry = byLog.get(log) ?? { log: log as DeviceId, devices: [] };
			entry.devices.push(device);
			byLog.set(log, entry);
		}
	}
	for (const { log, devices } of byLog.values()) {
		const owner = await exchange.owners.open(log);
		await owner?.exclusively(() => endMemberships(exchange, owner, devices));
	}
}

/** Everybody who shares a conversation with this account, with their devices, and its own devices. */
export async function contactsOf(
	exchange: Exchange,
	account: AccountId,
): Promise<ReadonlyMap<AccountId, ReadonlySet<DeviceId>>> {
	const contacts = new Map<AccountId, Set<DeviceId>>();
	for (const log of await exchange.logs.conversationsOf(account)) {
		const rows = exchange.owners.peek(log)?.members.list.map((member) => member.row());
		for (const { account, device, until } of rows ?? (await exchange.logs.load(log))?.subscriptions ?? []) {
			if (until !== undefined) continue;
			const devices = contacts.get(account) ?? new Set();
			contacts.set(account, devices.add(device));
		}
	}
	return contacts;
}
