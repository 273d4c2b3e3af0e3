import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	LIMITS,
	Refusal,
	type SetUsernameRequest,
	type SetUsernameResponseSchema,
} from "@troth/protocol";
import type { Transaction } from "kysely";
import type { MessengerContext, Session } from "../context.ts";
import type { Records } from "../records/schema.ts";
import { giveUpUsername, isReserved, requireUsername, usernameMac } from "./username.ts";

/**
 * Claims a username, in place of the one before. One that the account gave up itself it may take back; beyond a few that
 * wait for their freedom it may claim no other. Refuses with USERNAME_INVALID, USERNAME_TAKEN, RATE_LIMITED.
 */
export async function setUsername(
	{ records, secrets, clock, rateLimits }: MessengerContext,
	request: SetUsernameRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof SetUsernameResponseSchema>> {
	const name = requireUsername(request.username);
	rateLimits.claimUsername(account);
	if (isReserved(name)) throw taken();
	const mac = usernameMac(secrets, name);
	const now = clock.now();
	await records.transaction().execute(async (transaction) => {
		const holder = await transaction
			.selectFrom("username")
			.select("account_id")
			.where("name", "=", name)
			.executeTakeFirst();
		if (holder?.account_id === account) return;
		if (holder !== undefined) throw taken();
		await requireFree(transaction, account, mac, now);
		await giveUpUsername(transaction, account, now);
		await transaction
			.insertInto("username")
			.values({ account_id: account, name, name_mac: mac, claimed_at_ms: now })
			.execute();
	});
	return { username: name };
}

/** A name of one's own comes out of its quarantine; any other is refused while it is in one. */
async function requireFree(
	transaction: Transaction<Records>,
	account: AccountId,
	mac: string,
	now: number,
): Promise<void> {
	const waiting = await transaction
		.selectFrom("released_username")
		.select(["name_mac", "account_id", "free_at_ms"])
		.where("free_at_ms", ">", now)
		.where(({ eb, or }) => or([eb("name_mac", "=", mac), eb("account_id", "=", account)]))
		.orderBy("free_at_ms")
		.execute();
	const same = waiting.find((row) => row.name_mac === mac);
	if (same !== undefined && same.account_id !== account) throw taken();
	const own = waiting.filter((row) => row.account_id === account);
	if (same === undefined && own.length >= LIMITS.usernamesGivenUp)
		throw new Refusal("RATE_LIMITED", "the username was changed too often", {
			retryAtMs: own.at(-LIMITS.usernamesGivenUp)?.free_at_ms ?? now,
		});
	await transaction.deleteFrom("released_username").where("name_mac", "=", mac).execute();
}

function taken(): Refusal {
	return new Refusal("USERNAME_TAKEN", "this username can not be had");
}
