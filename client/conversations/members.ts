/** Who is in a conversation, as its MLS group says; positions and roles come from the server. */
import type { AccountId, DeviceId } from "@troth/protocol";
import type { GroupMember, MlsEngine, MlsGroup } from "../mls/engine.ts";
import type { ConversationRecord, MemberRecord } from "../state/records.ts";

/** The group's leaves by account, keeping what was known about each. */
export function membersOf(
	engine: MlsEngine,
	group: MlsGroup,
	before: readonly MemberRecord[],
	admins: ReadonlySet<AccountId> = new Set(),
): readonly MemberRecord[] {
	const known = new Map(before.map((member) => [member.account, member]));
	const devices = new Map<AccountId, { readonly device: DeviceId; readonly leaf: number }[]>();
	for (const { account, device, leaf } of engine.members(group)) {
		const own = devices.get(account) ?? [];
		own.push({ device, leaf });
		devices.set(account, own);
	}
	return [...devices].map(([account, own]) => {
		const member = known.get(account);
		return {
			account,
			role: admins.has(account) ? "admin" : (member?.role ?? "member"),
			devices: own,
			deliveredSeq: member?.deliveredSeq ?? 0,
			readSeq: member?.readSeq ?? 0,
		};
	});
}

/** The accounts of a conversation; of a direct one also the other side's, whose devices may all be gone. */
export function peopleIn({ members, peer }: Pick<ConversationRecord, "members" | "peer">): ReadonlySet<AccountId> {
	const accounts = new Set(members.map(({ account }) => account));
	return peer === undefined ? accounts : accounts.add(peer);
}

/** Accounts that came with the first or went with the last of their devices. */
export function accountChanges(
	before: readonly Pick<GroupMember, "account">[],
	after: readonly Pick<GroupMember, "account">[],
): { readonly added: readonly AccountId[]; readonly removed: readonly AccountId[] } {
	const earlier = new Set(before.map(({ account }) => account));
	const later = new Set(after.map(({ account }) => account));
	return {
		added: [...later].filter((account) => !earlier.has(account)),
		removed: [...earlier].filter((account) => !later.has(account)),
	};
}
