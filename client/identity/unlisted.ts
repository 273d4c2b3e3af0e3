/**
 * Leaves that are in a group and not, or no longer, in their account's signed list. What a list says holds for the groups
 * that stand as well (hazard 11): such a leaf is removed before anything more is said there. Where the server does not let
 * it be removed, nothing is said there any more, and the chat says why.
 */
import { type AccountId, type ConversationId, type DeviceId, isRefusal, toHex } from "@troth/protocol";
import { addRow, changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import type { GroupMember, MlsGroup } from "../mls/engine.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord, ConversationRecord } from "../state/records.ts";

/** Members whose account's list does not have them with their key. Never this device. */
export async function unlistedIn(
	context: DeviceContext,
	draft: Draft,
	group: MlsGroup,
): Promise<readonly GroupMember[]> {
	const found: GroupMember[] = [];
	for (const member of context.engine.members(group)) {
		const known = await draft.read(KEYS.account(member.account));
		if (member.device === context.self.device || !hasList(known)) continue;
		const listed = known.devices.find(({ device }) => device === member.device);
		if (listed?.signatureKey !== toHex(member.signatureKey)) found.push(member);
	}
	return found;
}

/** A key that came in an archive, or was accepted a moment ago, comes without a list: nothing is known of its devices. */
function hasList(known: AccountRecord | undefined): known is AccountRecord {
	return known !== undefined && known.version > 0;
}

/** The account has another list than before: what left it has to go from every group before anything more is said there. */
export async function requireRemovals(context: DeviceContext, draft: Draft, account: AccountId): Promise<void> {
	for (const { id } of [...context.views.records()]) {
		const record = await draft.read(KEYS.conversation(id));
		if (record?.members.some((member) => member.account === account)) await noteUnlisted(context, draft, id);
	}
}

/** Writes down which leaves have to go, and gives them. Nothing where the group is not followed at present. */
export async function noteUnlisted(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
): Promise<readonly DeviceId[]> {
	const [record, group] = [await draft.read(KEYS.conversation(id)), await draft.readGroup(id)];
	if (record?.state !== "active" || group === undefined) return [];
	const unlisted = (await unlistedIn(context, draft, group)).map(({ device }) => device);
	if (unlisted.some((device) => !record.removalsRequired.includes(device)))
		await changeConversation(draft, id, (before) => withRemovals(before, unlisted));
	return unlisted;
}

/** Devices whose leaves have to go, beside those that were known to. */
export function withRemovals(record: ConversationRecord, devices: readonly DeviceId[]): ConversationRecord {
	return { ...record, removalsRequired: [...new Set([...record.removalsRequired, ...devices])] };
}

/** By what is in memory, without looking into the group: is a device in it that its account's list lacks? */
export function mayHaveUnlisted(context: DeviceContext, { state, members }: ConversationRecord): boolean {
	if (state !== "active") return false;
	return members.some(({ account, devices }) => {
		const known = context.state.kept(KEYS.account(account));
		if (!hasList(known)) return false;
		const listed = new Set(known.devices.map(({ device }) => device));
		return devices.some(({ device }) => !listed.has(device) && device !== context.self.device);
	});
}

/** Accounts that would be in the group with no device once those leaves are gone, and have others. */
export async function leftWithout(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
): Promise<readonly AccountId[]> {
	const group = await draft.readGroup(id);
	if (group === undefined) return [];
	const unlisted = await unlistedIn(context, draft, group);
	const staying = new Set(
		context.engine
			.members(group)
			.filter(({ leaf }) => unlisted.every((one) => one.leaf !== leaf))
			.map(({ account }) => account),
	);
	return [...new Set(unlisted.map(({ account }) => account))].filter((account) => !staying.has(account));
}

/** Was this an answer that leaves such a leaf where it is? */
export function keepsUnlisted(refusal: unknown): boolean {
	return isRefusal(refusal, "FORBIDDEN", "COMMIT_INVALID", "DEVICE_LIST_INVALID");
}

/** The server does not let them be removed. Said once for each; false where there are none. */
export async function alarmUnlisted(context: DeviceContext, id: ConversationId): Promise<boolean> {
	return context.state.transact(async (draft) => {
		const [record, group] = [await draft.read(KEYS.conversation(id)), await draft.readGroup(id)];
		if (record?.state !== "active" || group === undefined) return false;
		const unlisted = await unlistedIn(context, draft, group);
		if (unlisted.length === 0) return false;
		const told = record.alarmed ?? [];
		const news = unlisted.filter(({ device }) => !told.includes(device));
		await changeConversation(draft, id, (before) => ({
			...before,
			state: "refused",
			alarmed: [...told, ...news.map(({ device }) => device)],
		}));
		if (news.length > 0)
			await addRow(context, draft, id, {
				seq: undefined,
				id: undefined,
				sender: undefined,
				timeMs: context.serverNow(),
				body: { kind: "keys-changed", who: [...new Set(news.map(({ account }) => account))], what: "unlisted" },
			});
		draft.after(() => context.announcer.conversation(id));
		return true;
	});
}
