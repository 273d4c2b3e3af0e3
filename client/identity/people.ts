/** Finding people by number, and blocking them. */
import { type AccountId, idBytes, Refusal, readId, type Signed } from "@troth/protocol";
import type { Person } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import { letIn, shutOut } from "../profile/without-blocked.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord } from "../state/records.ts";
import { showChangedKeys } from "./changed-keys.ts";
import { keyChange, learnDeviceList, readAccount } from "./directory.ts";

/**
 * The account that holds this number now; its keys are pinned when it is first seen. Where the number belonged to
 * another account before, the conversations with that one say so.
 */
export async function findByNumber(context: DeviceContext, phone: string): Promise<Person> {
	const number = phone.replaceAll(/[\s().-]/g, "").replace(/^00/, "+");
	if (number === context.profile().phone) return context.views.person(context.self.account);
	const answer = await context.rpc.accounts.lookUpNumber({ phone: number });
	const account = readId<AccountId>(answer.accountId);
	if (account === undefined) throw new Refusal("INTERNAL", "the server gave no account id");
	await context.state.transact((draft) => learnHolder(context, draft, account, number, answer.deviceList));
	return context.views.person(account);
}

/** Keeps that this account has the number (E.164) now, and its keys where they may be believed. */
export async function learnHolder(
	context: DeviceContext,
	draft: Draft,
	account: AccountId,
	number: string,
	deviceList: Signed | undefined,
): Promise<void> {
	const learned = await learnDeviceList(context.engine, draft, account, deviceList, (part, changed, what) =>
		showChangedKeys(context, part, changed, context.serverNow(), what),
	);
	if (learned === "invalid") throw new Refusal("DEVICE_LIST_INVALID", "the device list does not verify");
	for (const other of context.state.keptWithin<AccountRecord>(KEYS.accounts)) {
		if (other.phone !== number || other.account === account || other.movedTo === account) continue;
		const change = keyChange(other, "number", account);
		draft.write(KEYS.account(other.account), { ...other, phone: undefined, confirmedKey: undefined, change });
		await showChangedKeys(context, draft, other.account, context.serverNow(), "number");
	}
	draft.write(KEYS.account(account), { ...(await readAccount(draft, account)), phone: number });
	context.ownNotes.note(draft, `person/${account}`);
}

/** Blocks or unblocks on the server and here. */
export async function setBlocked(context: DeviceContext, account: AccountId, blocked: boolean): Promise<void> {
	if (account === context.self.account) throw new Refusal("MALFORMED", "nobody can block themselves");
	const accountId = idBytes(account);
	if (blocked) await context.rpc.accounts.blockAccount({ accountId });
	else await context.rpc.accounts.unblockAccount({ accountId });
	await context.state.transact(async (draft) => {
		draft.write(KEYS.account(account), { ...(await readAccount(draft, account)), blocked });
		if (blocked) shutOut(context, draft, account);
		else await letIn(context, draft, account);
		context.ownNotes.note(draft, `person/${account}`);
		draft.after(() => {
			for (const { id, peer } of context.views.records()) if (peer === account) context.announcer.conversation(id);
		});
	});
}
