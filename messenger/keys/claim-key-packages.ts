import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ClaimKeyPackagesRequest,
	type ClaimKeyPackagesResponseSchema,
	idBytes,
	Refusal,
} from "@troth/protocol";
import type { Transaction } from "kysely";
import { deviceListsOf, readAccountIds } from "../accounts/get-device-lists.ts";
import type { MessengerContext, Session } from "../context.ts";
import type { Records } from "../records/schema.ts";
import { requireNoSuspension } from "../terms/require-terms.ts";
import { takeFromStock } from "./stock.ts";

/**
 * One key package per device of each account, to add them to a conversation; of the caller's own account the other
 * devices. All accounts or none. Refuses with MALFORMED, NOT_FOUND, BLOCKED, RATE_LIMITED, NO_KEY_PACKAGE,
 * and with SUSPENDED where it is for others.
 */
export async function claimKeyPackages(
	context: MessengerContext,
	request: ClaimKeyPackagesRequest,
	session: Session,
): Promise<MessageInitShape<typeof ClaimKeyPackagesResponseSchema>> {
	const { records, directory, rateLimits, limits } = context;
	const accounts = [...new Set(readAccountIds(request.accountIds))];
	// Linking a device of one's own needs packages too, and goes on.
	if (accounts.some((account) => account !== session.account)) await requireNoSuspension(context, session);
	const limited = (await limits.restriction(session.account, "new-conversations")) !== undefined;
	for (const account of accounts) {
		if (account === session.account) continue;
		if (limited) rateLimits.limitedPerson(session.account);
		rateLimits.claim(session.account, account);
		if ((await directory.blockedBy(account)).has(session.account))
			throw new Refusal("BLOCKED", "one of the accounts takes no messages from this one");
	}
	return records.transaction().execute(async (transaction) => {
		const keyPackages = [];
		for (const account of accounts) keyPackages.push(...(await claimOf(context, transaction, account, session)));
		return { keyPackages, deviceLists: await deviceListsOf(transaction, accounts) };
	});
}

async function claimOf(
	{ clock }: MessengerContext,
	transaction: Transaction<Records>,
	account: AccountId,
	session: Session,
) {
	const rows = await transaction
		.selectFrom("device")
		.select("device_id")
		.where("account_id", "=", account)
		.where("removed_at_ms", "is", null)
		.orderBy("created_at_ms")
		.execute();
	if (rows.length === 0) throw new Refusal("NOT_FOUND", "no such account");
	const devices = rows.map((row) => row.device_id).filter((device) => device !== session.device);
	const claimed = [];
	for (const device of devices) {
		const keyPackage = await takeFromStock(transaction, device, clock.now());
		if (keyPackage !== undefined) claimed.push({ accountId: idBytes(account), deviceId: idBytes(device), keyPackage });
	}
	if (claimed.length === 0 && account !== session.account)
		throw new Refusal("NO_KEY_PACKAGE", "no device of the account has a key package left");
	return claimed;
}
