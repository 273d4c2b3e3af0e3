import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	LIMITS,
	Refusal,
	type UnlockNumberRequest,
	type UnlockNumberResponseSchema,
} from "@troth/protocol";
import type { MessengerContext } from "../../context.ts";
import { findVerified } from "../verified-number.ts";
import { lockOfNumber } from "./number-lock.ts";
import { isPin } from "./pin.ts";

/**
 * Opens the lock of the verified number for this registration alone. Nothing happens where there is none.
 * Refuses with REGISTRATION_TOKEN_INVALID, PIN_WRONG (attemptsLeft), PIN_LOCKED (retryAtMs).
 */
export async function unlockNumber(
	context: MessengerContext,
	request: UnlockNumberRequest,
): Promise<MessageInitShape<typeof UnlockNumberResponseSchema>> {
	const { records, clock, events } = context;
	const registration = await findVerified(context, request.registrationToken);
	const lock = await lockOfNumber(records, registration.phone, clock.now());
	if (lock === undefined) return {};
	const charged = await charge(context, lock.account);
	if (!(await isPin(request.pin.normalize("NFKC"), { salt: charged.salt, hash: charged.pin_hash }))) {
		events.registrationLock("wrong-pin");
		throw wrong(charged.guesses, charged.wait_until_ms);
	}
	await records.transaction().execute(async (transaction) => {
		const { account } = lock;
		const fresh = { guesses: 0, wait_until_ms: 0 };
		await transaction.updateTable("registration_lock").set(fresh).where("account_id", "=", account).execute();
		await transaction
			.updateTable("registration")
			.set({ unlocked: 1 })
			.where("token_digest", "=", registration.token_digest)
			.execute();
	});
	events.registrationLock("opened");
	return {};
}

/**
 * Charges the guess before it is compared, so that guesses at the same time can not be more than there may be. The last
 * one begins the wait.
 */
async function charge({ records, clock }: MessengerContext, account: AccountId) {
	const nowMs = clock.now();
	return records.transaction().execute(async (transaction) => {
		const of = transaction.selectFrom("registration_lock").selectAll().where("account_id", "=", account);
		const before = await of.executeTakeFirst();
		if (before === undefined) throw new Refusal("NOT_FOUND", "there is no lock any more: go on without a PIN");
		if (nowMs < before.wait_until_ms)
			throw new Refusal("PIN_LOCKED", "too many wrong PINs", { retryAtMs: before.wait_until_ms });
		// After a wait it begins anew.
		const guesses = (before.wait_until_ms === 0 ? before.guesses : 0) + 1;
		const wait_until_ms = guesses < LIMITS.pinAttempts ? 0 : nowMs + LIMITS.pinWaitMs;
		await transaction
			.updateTable("registration_lock")
			.set({ guesses, wait_until_ms })
			.where("account_id", "=", account)
			.execute();
		return { ...before, guesses, wait_until_ms };
	});
}

function wrong(guesses: number, waitUntilMs: number): Refusal {
	const attemptsLeft = LIMITS.pinAttempts - guesses;
	return attemptsLeft > 0
		? new Refusal("PIN_WRONG", "another PIN was set", { attemptsLeft })
		: new Refusal("PIN_LOCKED", "too many wrong PINs", { retryAtMs: waitUntilMs });
}
