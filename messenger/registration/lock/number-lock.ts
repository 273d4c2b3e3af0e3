/**
 * A registration lock keeps whoever gets hold of a number for a while (a swapped SIM, a code that was talked out of
 * somebody) from taking the account with it. It does not outlive its owner: when none of the account's devices was here
 * for seven days, the number is free again for whoever has it then.
 */
import { type AccountId, LIMITS, type PhoneNumber, Refusal } from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import type { Records, RegistrationRow } from "../../records/schema.ts";

export interface NumberLock {
	readonly account: AccountId;
	/** Until then, if none of its devices comes back. */
	readonly untilMs: number;
}

/** The lock that holds this number now; undefined where there is none, or where it is over. */
export async function lockOfNumber(
	records: Kysely<Records> | Transaction<Records>,
	phone: PhoneNumber,
	nowMs: number,
): Promise<NumberLock | undefined> {
	const lock = await records
		.selectFrom("account")
		.innerJoin("registration_lock", "registration_lock.account_id", "account.account_id")
		.select(["account.account_id", "registration_lock.set_at_ms"])
		.where("account.phone", "=", phone)
		.executeTakeFirst();
	if (lock === undefined) return undefined;
	const devices = await records
		.selectFrom("device")
		.select(["created_at_ms", "last_attached_ms"])
		.where("account_id", "=", lock.account_id)
		.where("removed_at_ms", "is", null)
		.execute();
	const seen = devices.map((device) => device.last_attached_ms ?? device.created_at_ms);
	const untilMs = Math.max(lock.set_at_ms, ...seen) + LIMITS.registrationLockMs;
	return nowMs < untilMs ? { account: lock.account_id, untilMs } : undefined;
}

/** Refuses with NUMBER_LOCKED where the number is held and this registration has not opened the lock. */
export async function requireUnlocked(
	transaction: Transaction<Records>,
	{ phone, token_digest }: RegistrationRow,
	nowMs: number,
): Promise<void> {
	const lock = await lockOfNumber(transaction, phone, nowMs);
	if (lock === undefined) return;
	const row = await transaction
		.selectFrom("registration")
		.select("unlocked")
		.where("token_digest", "=", token_digest)
		.executeTakeFirst();
	if (row?.unlocked !== 1)
		throw new Refusal("NUMBER_LOCKED", "the number is held by a PIN", { retryAtMs: lock.untilMs });
}
