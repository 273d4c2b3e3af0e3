/**
 * A number that was changed is not changed again for a while, and the one that was given up rests: an account that went
 * astray (a mistake, somebody else at the device) can go back to it, and nobody else is found under it meanwhile
 * (`docs/adr/0018`). What is kept for that is a keyed hash of the number.
 */
import { createHmac } from "node:crypto";
import { type AccountId, LIMITS, type PhoneNumber, Refusal } from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import type { Records } from "../records/schema.ts";
import type { Secrets } from "../secrets.ts";

type Reads = Kysely<Records> | Transaction<Records>;

function macOf({ registrationKey }: Secrets, phone: PhoneNumber): string {
	return createHmac("sha256", registrationKey).update(`given-up\0${phone}`).digest("hex");
}

/** How an account's number may change now. */
export interface NumberChangeRule {
	/** Undefined where it did not change within `LIMITS.numberChangeWaitMs`. */
	readonly changedAtMs: number | undefined;
	/** To another number from then on; 0 for at once. */
	readonly changeableFromMs: number;
	/** Back to the one before until then; 0 where there is none. */
	readonly backUntilMs: number;
}

export async function numberChangeRule(records: Reads, account: AccountId, nowMs: number): Promise<NumberChangeRule> {
	const row = await records
		.selectFrom("number_given_up")
		.select("given_up_at_ms")
		.where("account_id", "=", account)
		.orderBy("given_up_at_ms", "desc")
		.executeTakeFirst();
	const changedAtMs = row?.given_up_at_ms ?? 0;
	if (row === undefined || changedAtMs + LIMITS.numberChangeWaitMs <= nowMs)
		return { changedAtMs: undefined, changeableFromMs: 0, backUntilMs: 0 };
	const backUntilMs = changedAtMs + LIMITS.numberRestsMs;
	return {
		changedAtMs,
		changeableFromMs: changedAtMs + LIMITS.numberChangeWaitMs,
		backUntilMs: nowMs < backUntilMs ? backUntilMs : 0,
	};
}

/** Who gave this number up, and until when it rests for them; undefined where nobody did. */
export async function restOfNumber(
	records: Reads,
	secrets: Secrets,
	phone: PhoneNumber,
	nowMs: number,
): Promise<{ readonly account: AccountId; readonly untilMs: number } | undefined> {
	const row = await records
		.selectFrom("number_given_up")
		.selectAll()
		.where("number_mac", "=", macOf(secrets, phone))
		.executeTakeFirst();
	if (row === undefined) return undefined;
	const untilMs = row.given_up_at_ms + LIMITS.numberRestsMs;
	return nowMs < untilMs ? { account: row.account_id, untilMs } : undefined;
}

/** Refuses with NUMBER_RESTING where the number rests for another account than this one. */
export async function requireRested(
	records: Reads,
	secrets: Secrets,
	{ account, phone }: { readonly account: AccountId; readonly phone: PhoneNumber },
	nowMs: number,
): Promise<void> {
	const rest = await restOfNumber(records, secrets, phone, nowMs);
	if (rest !== undefined && rest.account !== account)
		throw new Refusal("NUMBER_RESTING", "the number was given up a short while ago", { retryAtMs: rest.untilMs });
}

/** Refuses with NUMBER_CHANGED_RECENTLY where the account has to wait, except for the number it had. */
export async function requireChangeable(
	records: Reads,
	secrets: Secrets,
	{ account, phone }: { readonly account: AccountId; readonly phone: PhoneNumber },
	nowMs: number,
): Promise<void> {
	const { changedAtMs, changeableFromMs } = await numberChangeRule(records, account, nowMs);
	if (changedAtMs === undefined) return;
	if ((await restOfNumber(records, secrets, phone, nowMs))?.account === account) return;
	throw new Refusal("NUMBER_CHANGED_RECENTLY", "the number changed a short while ago", { retryAtMs: changeableFromMs });
}

/** The account has another number from now on: the one before rests. The one it took rests no more. */
export async function noteGivenUp(
	transaction: Transaction<Records>,
	secrets: Secrets,
	{
		account,
		before,
		phone,
	}: { readonly account: AccountId; readonly before: PhoneNumber; readonly phone: PhoneNumber },
	nowMs: number,
): Promise<void> {
	await transaction.deleteFrom("number_given_up").where("number_mac", "=", macOf(secrets, phone)).execute();
	const row = { account_id: account, given_up_at_ms: nowMs };
	await transaction
		.insertInto("number_given_up")
		.values({ number_mac: macOf(secrets, before), ...row })
		.onConflict((conflict) => conflict.column("number_mac").doUpdateSet(row))
		.execute();
}
