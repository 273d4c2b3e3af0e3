/** The end of an account: because its person asked for it, or because somebody else has the number now. */
import { recallEverything } from "@troth/bridge";
import type { AccountId, DeviceId, PhoneNumber } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { Transaction } from "kysely";
import { endAbuse } from "../abuse/ending.ts";
import { endArchives, sweepArchives } from "../archives/sweep-archives.ts";
import { forgetBusinessFacts } from "../business/approve-business.ts";
import type { MessengerContext } from "../context.ts";
import { forgetFinding } from "../finding/forget-finding.ts";
import { forgetPhotos, sweepPhotos } from "../profile-photos/keeping.ts";
import type { Records } from "../records/schema.ts";
import { forgetUsage } from "../usage/usage-days.ts";
import { noteDeliveryTasks, runDeliveryTasks } from "./delivery-tasks.ts";
import { removeDevices } from "./publish-device-list.ts";

export interface EndedAccount {
	readonly account: AccountId;
	readonly devices: readonly DeviceId[];
}

/**
 * Ends the account inside the transaction: everything shared is recalled, the number is free, and what is left are
 * the ids of its devices, which never come back. Call `finishEnding` after it.
 */
export async function endAccount(
	transaction: Transaction<Records>,
	account: AccountId,
	nowMs: number,
): Promise<EndedAccount> {
	const rows = await transaction
		.selectFrom("device")
		.select("device_id")
		.where("account_id", "=", account)
		.where("removed_at_ms", "is", null)
		.execute();
	const devices = rows.map((row) => row.device_id);
	await removeDevices(transaction, devices, nowMs);
	await endAbuse(transaction, account, nowMs);
	await endArchives(transaction, account);
	await forgetUsage(transaction, account);
	await transaction.deleteFrom("account").where("account_id", "=", account).execute();
	await transaction.deleteFrom("registration").where("account_id", "=", account).execute();
	await transaction.deleteFrom("registration_lock").where("account_id", "=", account).execute();
	await transaction.deleteFrom("number_given_up").where("account_id", "=", account).execute();
	await forgetPhotos(transaction, account);
	await transaction.deleteFrom("presence").where("account_id", "=", account).execute();
	await transaction.deleteFrom("push_subscription").where("account_id", "=", account).execute();
	await transaction.deleteFrom("block").where("account_id", "=", account).execute();
	await transaction.deleteFrom("block").where("blocked_account_id", "=", account).execute();
	await transaction.deleteFrom("terms_acceptance").where("account_id", "=", account).execute();
	await recallEverything(transaction, account, nowMs);
	await forgetBusinessFacts(transaction, account);
	await forgetFinding(transaction, account, nowMs);
	await noteDeliveryTasks(transaction, account, { added: [], removed: devices, announce: false });
	return { account, devices };
}

/**
 * What is left of asking for codes names the number; who registers it right now has to ask again. Before `endAccount`,
 * and not where somebody else's registration is what ends the account.
 */
export async function forgetAttempts(transaction: Transaction<Records>, account: AccountId): Promise<void> {
	await transaction
		.deleteFrom("registration_attempt")
		.where("phone", "in", (from) => from.selectFrom("account").select("phone").where("account_id", "=", account))
		.execute();
}

/** Ends the account that has this number now, whose new owner inherits nothing of it; undefined where nobody has it. */
export async function endHolder(
	transaction: Transaction<Records>,
	phone: PhoneNumber,
	nowMs: number,
): Promise<EndedAccount | undefined> {
	const holder = await transaction
		.selectFrom("account")
		.select("account_id")
		.where("phone", "=", phone)
		.executeTakeFirst();
	return holder === undefined ? undefined : endAccount(transaction, holder.account_id, nowMs);
}

/**
 * After the transaction: what is remembered about the account is asked anew from now on, its devices are told, and what
 * was its bytes is overwritten. Rejects where delivery or a store does: what is left is done again later.
 */
export async function finishEnding(context: MessengerContext, ended: EndedAccount): Promise<void> {
	accountEnded(context, ended);
	await sweepArchives(context);
	await sweepPhotos(context, context.clock.now());
	await runDeliveryTasks(context, [ended.account]);
	await eraseDeleted(context.records);
}

function accountEnded(
	{ directory, businesses, presence }: Pick<MessengerContext, "directory" | "businesses" | "presence">,
	{ account, devices }: EndedAccount,
): void {
	directory.devicesChanged(account, devices);
	directory.standingChanged(account);
	businesses.businessChanged(account, false);
	presence.forget(account);
}
