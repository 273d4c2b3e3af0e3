/** Mallory gets hold of carla's number for a while: what a PIN keeps him from, and what it does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountService, LIMITS, RegistrationService } from "@troth/protocol";
import {
	logIn,
	refusalOf,
	registerAccount,
	startTestMessenger,
	type TestAccount,
	type TestMessenger,
	verifyNumber,
} from "../../_fixture.ts";
import { TestClient } from "../../delivery/_client.ts";

const CARLA = "+15550100003";
const PIN = "2580ab";
const DAY_MS = 24 * 3600 * 1000;

async function lockedCarla(messenger: TestMessenger): Promise<TestAccount> {
	const carla = await registerAccount(messenger, CARLA);
	await carla.client(AccountService).setRegistrationLock({ pin: PIN });
	return carla;
}

const unlock = (messenger: TestMessenger, token: Uint8Array, pin: string) =>
	messenger.client(RegistrationService).unlockNumber({ registrationToken: token, pin });

for (const stores of ["memory", "sqlite"] as const)
	test(`who verified the number takes nothing without the PIN, and everything ends as always with it (${stores})`, async () => {
		await using messenger = await startTestMessenger({ stores });
		const carla = await lockedCarla(messenger);
		assert.equal((await carla.client(AccountService).getOwnAccount({})).registrationLock, true);

		const refused = await refusalOf(registerAccount(messenger, CARLA));
		assert.equal(refused.code, "NUMBER_LOCKED");
		assert.ok((refused.fields.retryAtMs ?? 0) > messenger.clock.now());
		await carla.login();
		assert.equal((await refusalOf(registerAccount(messenger, CARLA, { pin: "0000" }))).code, "PIN_WRONG");
		if (stores === "sqlite") await messenger.restart();
		await logIn(messenger, carla);

		// With another telephone she takes her own number along; the lock went with the account that had it.
		const anew = await registerAccount(messenger, CARLA, { pin: PIN });
		assert.notEqual(anew.account, carla.account);
		assert.equal((await anew.client(AccountService).getOwnAccount({})).registrationLock, false);
		assert.equal((await refusalOf(logIn(messenger, carla))).code, "DEVICE_REMOVED");
		await registerAccount(messenger, CARLA);
	});

test("a verified code says that there is a lock, and until when it holds without its owner", async () => {
	await using messenger = await startTestMessenger();
	await lockedCarla(messenger);
	const registration = messenger.client(RegistrationService);
	const { attemptId } = await registration.requestCode({ phone: CARLA });
	const { lockedUntilMs } = await registration.verifyCode({ attemptId, code: messenger.codes.get(CARLA) ?? "" });
	assert.equal(Number(lockedUntilMs), messenger.clock.now() + LIMITS.registrationLockMs);
	const free = await registration.requestCode({ phone: "+15550100009" });
	const answer = await registration.verifyCode({
		attemptId: free.attemptId,
		code: messenger.codes.get("+15550100009") ?? "",
	});
	assert.equal(answer.lockedUntilMs, 0n);
	// Where there is nothing to open, any PIN does.
	await unlock(messenger, answer.registrationToken, "whatever");
});

test("five wrong PINs, and then a day of none: not the right one either, and not with another code", async () => {
	await using messenger = await startTestMessenger();
	await lockedCarla(messenger);
	const { token } = await verifyNumber(messenger, CARLA);
	for (let left = LIMITS.pinAttempts - 1; left > 0; left--) {
		const { code, fields } = await refusalOf(unlock(messenger, token, "0000"));
		assert.deepEqual([code, fields.attemptsLeft], ["PIN_WRONG", left]);
	}
	const last = await refusalOf(unlock(messenger, token, "0000"));
	assert.deepEqual([last.code, last.fields.retryAtMs], ["PIN_LOCKED", messenger.clock.now() + LIMITS.pinWaitMs]);
	assert.equal((await refusalOf(unlock(messenger, token, PIN))).code, "PIN_LOCKED");
	assert.equal((await refusalOf(registerAccount(messenger, CARLA, { pin: PIN }))).code, "PIN_LOCKED");
	messenger.clock.advance(LIMITS.pinWaitMs);
	await registerAccount(messenger, CARLA, { pin: PIN });
});

test("guesses at the same time are no more than there may be", async () => {
	await using messenger = await startTestMessenger();
	await lockedCarla(messenger);
	const { token } = await verifyNumber(messenger, CARLA);
	const guesses = Array.from({ length: 12 }, (_, at) => refusalOf(unlock(messenger, token, `000${at}`)));
	const codes = (await Promise.all(guesses)).map(({ code }) => code);
	assert.equal(codes.filter((code) => code === "PIN_WRONG").length, LIMITS.pinAttempts - 1);
	assert.equal(codes.filter((code) => code === "PIN_LOCKED").length, 12 - (LIMITS.pinAttempts - 1));
});

test("an open lock is open for the one who opened it, and for nobody else who has the number", async () => {
	await using messenger = await startTestMessenger();
	await lockedCarla(messenger);
	const { token } = await verifyNumber(messenger, CARLA);
	await unlock(messenger, token, PIN);
	assert.equal((await refusalOf(registerAccount(messenger, CARLA))).code, "NUMBER_LOCKED");
});

test("a number whose owner is gone is free again after seven days, and an owner who comes back keeps it", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const carla = await lockedCarla(messenger);
	messenger.clock.advance(6 * DAY_MS);
	const phone = await TestClient.attach(messenger.url, carla);
	await phone.end();
	// When a device was here is written down some seconds later.
	await messenger.restart();
	messenger.clock.advance(7 * DAY_MS - 1);
	assert.equal((await refusalOf(registerAccount(messenger, CARLA))).code, "NUMBER_LOCKED");
	messenger.clock.advance(1);
	await registerAccount(messenger, CARLA);
});

test("a lock can be changed and removed, and a PIN is four to twenty letters and digits", async () => {
	await using messenger = await startTestMessenger();
	const carla = await lockedCarla(messenger);
	const account = carla.client(AccountService);
	for (const pin of ["123", "1".repeat(21), "12 34", "12-34", "", "٣٣٣"])
		assert.equal((await refusalOf(account.setRegistrationLock({ pin }))).code, "MALFORMED", pin);
	await account.setRegistrationLock({ pin: "straße9" });
	assert.equal((await refusalOf(registerAccount(messenger, CARLA, { pin: PIN }))).code, "PIN_WRONG");
	await account.removeRegistrationLock({});
	assert.equal((await account.getOwnAccount({})).registrationLock, false);
	assert.ok(!messenger.log.join().includes(PIN));
	await registerAccount(messenger, CARLA);
});
