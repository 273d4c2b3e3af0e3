/** How alice gets an account, and what happens when somebody guesses, hurries, repeats or comes late. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	AccountService,
	idBytes,
	KeyService,
	LIMITS,
	RegistrationService,
	SessionService,
	toHex,
} from "@troth/protocol";
import {
	logIn,
	refusalOf,
	registerAccount,
	signLogin,
	startTestMessenger,
	type TestMessenger,
	verifyNumber,
} from "../_fixture.ts";
import { newDevice, newKeyPackages, newSigner, signDeviceList } from "../_identities.ts";

const ALICE = "+15550100001";
const MINUTE_MS = 60_000;

for (const stores of ["memory", "sqlite"] as const) {
	const story = (name: string, tell: (messenger: TestMessenger) => Promise<void>) =>
		test(`${name} (${stores})`, async () => {
			await using messenger = await startTestMessenger({ stores });
			await tell(messenger);
		});

	story("alice registers, logs in, and the server knows of her what she was told it would", async (messenger) => {
		const alice = await registerAccount(messenger, ALICE, { keyPackages: 3 });
		const own = await alice.client(AccountService).getOwnAccount({});
		assert.equal(toHex(own.accountId), alice.account);
		assert.equal(own.phone, ALICE);
		assert.equal(own.createdAtMs, BigInt(messenger.clock.now()));
		assert.equal(own.acceptedTermsVersion, 1);
		assert.deepEqual(
			own.devices.map(({ deviceId, attached }) => [toHex(deviceId), attached]),
			[[alice.device, false]],
		);
		const { available, lastResortUsed } = await alice.client(KeyService).countKeyPackages({});
		assert.deepEqual([available, lastResortUsed], [3, false]);
	});

	story("the number can be typed in any way, a text that is none is refused", async (messenger) => {
		const registration = messenger.client(RegistrationService);
		const attempt = await registration.requestCode({ phone: "+1 (555) 010-0001" });
		assert.equal(attempt.attemptId.length, 16);
		assert.equal(attempt.codeLength, LIMITS.codeLength);
		assert.match(messenger.codes.get(ALICE) ?? "", /^\d{6}$/);
		assert.equal((await refusalOf(registration.requestCode({ phone: "555" }))).code, "PHONE_INVALID");
		assert.equal((await refusalOf(registration.requestCode({}))).code, "PHONE_INVALID");
	});

	story("five wrong codes lock the attempt, and then the right one is wrong too", async (messenger) => {
		const registration = messenger.client(RegistrationService);
		const { attemptId } = await registration.requestCode({ phone: ALICE });
		const right = messenger.codes.get(ALICE) ?? "";
		const wrong = wrongCode(right);
		for (const attemptsLeft of [4, 3, 2, 1]) {
			const refusal = await refusalOf(registration.verifyCode({ attemptId, code: wrong }));
			assert.equal(refusal.code, "CODE_WRONG");
			assert.equal(refusal.fields.attemptsLeft, attemptsLeft);
		}
		assert.equal((await refusalOf(registration.verifyCode({ attemptId, code: wrong }))).code, "CODE_LOCKED");
		assert.equal((await refusalOf(registration.verifyCode({ attemptId, code: right }))).code, "CODE_LOCKED");
		assert.equal((await refusalOf(registration.resendCode({ attemptId }))).code, "CODE_LOCKED");
		await verifyNumber(messenger, ALICE);
	});

	story("guesses at the same moment are not more guesses", async (messenger) => {
		const registration = messenger.client(RegistrationService);
		const { attemptId } = await registration.requestCode({ phone: ALICE });
		const wrong = wrongCode(messenger.codes.get(ALICE) ?? "");
		const refusals = await Promise.all(
			Array.from({ length: 40 }, () => refusalOf(registration.verifyCode({ attemptId, code: wrong }))),
		);
		assert.equal(refusals.filter(({ code }) => code === "CODE_WRONG").length, LIMITS.codeAttempts - 1);
		assert.equal(refusals.filter(({ code }) => code === "CODE_LOCKED").length, 40 - LIMITS.codeAttempts + 1);
	});

	story("a wrong code and then the right one is fine; a code of another attempt is not", async (messenger) => {
		const registration = messenger.client(RegistrationService);
		const { attemptId } = await registration.requestCode({ phone: ALICE });
		const right = messenger.codes.get(ALICE) ?? "";
		await refusalOf(registration.verifyCode({ attemptId, code: wrongCode(right) }));
		await registration.verifyCode({ attemptId, code: right });
		await registration.requestCode({ phone: "+15550100002" });
		const other = messenger.codes.get("+15550100002") ?? "";
		if (other !== right)
			assert.equal((await refusalOf(registration.verifyCode({ attemptId, code: other }))).code, "CODE_WRONG");
		for (const unknown of [new Uint8Array(16), new Uint8Array(3), new Uint8Array(0)])
			assert.equal((await refusalOf(registration.verifyCode({ attemptId: unknown, code: right }))).code, "NOT_FOUND");
	});

	story("a code dies after ten minutes; a new one can be had for the same attempt before", async (messenger) => {
		const { clock } = messenger;
		const registration = messenger.client(RegistrationService);
		const { attemptId, resendAtMs, expiresAtMs } = await registration.requestCode({ phone: ALICE });
		const first = messenger.codes.get(ALICE) ?? "";
		assert.equal(expiresAtMs, BigInt(clock.now() + LIMITS.codeMs));
		const tooSoon = await refusalOf(registration.resendCode({ attemptId }));
		assert.equal(tooSoon.code, "RATE_LIMITED");
		assert.equal(tooSoon.fields.retryAtMs, Number(resendAtMs));
		clock.advance(Number(resendAtMs) - clock.now());
		const again = await registration.resendCode({ attemptId });
		assert.equal(again.expiresAtMs, BigInt(clock.now() + LIMITS.codeMs));
		const second = messenger.codes.get(ALICE) ?? "";
		if (first !== second)
			assert.equal((await refusalOf(registration.verifyCode({ attemptId, code: first }))).code, "CODE_WRONG");
		clock.advance(LIMITS.codeMs - 1);
		await registration.verifyCode({ attemptId, code: second });
		clock.advance(1);
		assert.equal((await refusalOf(registration.verifyCode({ attemptId, code: second }))).code, "CODE_EXPIRED");
		assert.equal((await refusalOf(registration.resendCode({ attemptId }))).code, "CODE_EXPIRED");
	});

	story("resending ends after five, and a number gets ten codes an hour whoever asks", async (messenger) => {
		const { clock } = messenger;
		const registration = messenger.client(RegistrationService);
		const { attemptId } = await registration.requestCode({ phone: ALICE });
		const firstAt = clock.now();
		for (let i = 0; i < LIMITS.codeResends; i++) {
			clock.advance(LIMITS.codeResendMs);
			await registration.resendCode({ attemptId });
		}
		clock.advance(LIMITS.codeResendMs);
		assert.equal((await refusalOf(registration.resendCode({ attemptId }))).code, "RATE_LIMITED");
		for (let i = 0; i < LIMITS.codeRequests - LIMITS.codeResends - 1; i++)
			await registration.requestCode({ phone: ALICE });
		const limited = await refusalOf(registration.requestCode({ phone: ALICE }));
		assert.equal(limited.code, "RATE_LIMITED");
		assert.equal(limited.fields.retryAtMs, firstAt + LIMITS.codeRequestsMs);
		await registration.requestCode({ phone: "+15550100002" });
		clock.advance((limited.fields.retryAtMs ?? 0) - clock.now());
		await registration.requestCode({ phone: ALICE });
		assert.equal((await refusalOf(registration.requestCode({ phone: ALICE }))).code, "RATE_LIMITED");
	});

	story("an answer that got lost is given again, each step of the way", async (messenger) => {
		const registration = messenger.client(RegistrationService);
		const { attemptId } = await registration.requestCode({ phone: ALICE });
		const code = messenger.codes.get(ALICE) ?? "";
		const verified = await registration.verifyCode({ attemptId, code });
		assert.deepEqual(await registration.verifyCode({ attemptId, code }), verified);
		const device = newDevice();
		const account = toHex(verified.accountId) as Parameters<typeof newKeyPackages>[1];
		const [lastResortKeyPackage = new Uint8Array()] = await newKeyPackages(1, account, device, messenger.clock);
		const request = {
			registrationToken: verified.registrationToken,
			deviceList: signDeviceList(newSigner(), account, 1, [device], 0),
			lastResortKeyPackage,
		};
		await Promise.all([registration.createAccount(request), registration.createAccount(request)]);
		messenger.clock.advance(60 * MINUTE_MS);
		await registration.createAccount(request);
		await logIn(messenger, device);
	});

	story("a registration token makes one account, once, within ten minutes", async (messenger) => {
		const registration = messenger.client(RegistrationService);
		const create = async (account: Parameters<typeof newKeyPackages>[1], registrationToken: Uint8Array) => {
			const device = newDevice();
			const [lastResortKeyPackage = new Uint8Array()] = await newKeyPackages(1, account, device, messenger.clock);
			const deviceList = signDeviceList(newSigner(), account, 1, [device], 0);
			await registration.createAccount({ registrationToken, deviceList, lastResortKeyPackage });
		};
		const { account, token } = await verifyNumber(messenger, ALICE);
		assert.equal((await refusalOf(create(account, new Uint8Array(32)))).code, "REGISTRATION_TOKEN_INVALID");
		await create(account, token);
		assert.equal((await refusalOf(create(account, token))).code, "REGISTRATION_TOKEN_INVALID");
		const late = await verifyNumber(messenger, "+15550100002");
		messenger.clock.advance(LIMITS.registrationTokenMs);
		assert.equal((await refusalOf(create(late.account, late.token))).code, "REGISTRATION_TOKEN_INVALID");
		const two = await verifyNumber(messenger, "+15550100003");
		const outcomes = await Promise.allSettled([create(two.account, two.token), create(two.account, two.token)]);
		assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
	});

	story("what CreateAccount is given has to hold together, and a refusal costs nothing", async (messenger) => {
		const { clock } = messenger;
		const registration = messenger.client(RegistrationService);
		const bob = await registerAccount(messenger, "+15550100002");
		const { account, token: registrationToken } = await verifyNumber(messenger, ALICE);
		const identity = newSigner();
		const device = newDevice();
		const [lastResortKeyPackage = new Uint8Array(), keyPackage = new Uint8Array()] = await newKeyPackages(
			2,
			account,
			device,
			clock,
		);
		const deviceList = signDeviceList(identity, account, 1, [device], 0);
		const good = { registrationToken, deviceList, lastResortKeyPackage, keyPackages: [keyPackage] };
		const codeOf = async (change: object) => (await refusalOf(registration.createAccount({ ...good, ...change }))).code;
		const list = (...args: Parameters<typeof signDeviceList>) => ({ deviceList: signDeviceList(...args) });
		assert.equal(await codeOf(list(identity, bob.account, 1, [device], 0)), "DEVICE_LIST_INVALID");
		assert.equal(await codeOf(list(identity, account, 2, [device], 0)), "DEVICE_LIST_INVALID");
		assert.equal(await codeOf(list(identity, account, 1, [device, newDevice()], 0)), "DEVICE_LIST_INVALID");
		const bobsDevice = { ...device, device: bob.device };
		const bobsPackages = await newKeyPackages(1, account, bobsDevice, clock);
		const taken = { lastResortKeyPackage: bobsPackages[0] ?? new Uint8Array(), keyPackages: [] };
		assert.equal(await codeOf({ ...list(identity, account, 1, [bobsDevice], 0), ...taken }), "DEVICE_LIST_INVALID");
		assert.equal(await codeOf({ keyPackages: [keyPackage, keyPackage] }), "KEY_PACKAGE_INVALID");
		assert.equal(await codeOf({ keyPackages: [new Uint8Array(10)] }), "KEY_PACKAGE_INVALID");
		assert.equal(await codeOf({ lastResortKeyPackage: new Uint8Array() }), "KEY_PACKAGE_INVALID");
		assert.equal(await codeOf({ keyPackages: Array.from({ length: 101 }, () => keyPackage) }), "MALFORMED");
		await registration.createAccount(good);
		await logIn(messenger, device);
	});

	story("who registers a number that has an account takes the number, and nothing else", async (messenger) => {
		const before = await registerAccount(messenger, ALICE);
		const bob = await registerAccount(messenger, "+15550100002");
		await bob.client(AccountService).blockAccount({ accountId: idBytes(before.account) });
		const { replacesAccount } = await verifyNumber(messenger, ALICE);
		assert.ok(replacesAccount);
		const after = await registerAccount(messenger, ALICE, { acceptTerms: false });
		assert.notEqual(after.account, before.account);

		const found = await bob.client(AccountService).lookUpNumber({ phone: ALICE });
		assert.equal(toHex(found.accountId), after.account);
		const own = await after.client(AccountService).getOwnAccount({});
		assert.equal(own.acceptedTermsVersion, 0);
		assert.deepEqual((await bob.client(AccountService).getOwnAccount({})).blockedAccountIds, []);

		assert.equal((await refusalOf(before.client(AccountService).getOwnAccount({}))).code, "DEVICE_REMOVED");
		assert.equal((await refusalOf(before.login())).code, "DEVICE_REMOVED");
		const gone = { accountIds: [idBytes(before.account)] };
		assert.equal((await refusalOf(bob.client(KeyService).claimKeyPackages(gone))).code, "NOT_FOUND");
		const { lists } = await bob.client(AccountService).getDeviceLists(gone);
		assert.deepEqual([lists.length, lists[0]?.deviceList], [1, undefined]);
	});

	story("of two people who prove the same number at once, the last to finish has it", async (messenger) => {
		const [first, second] = await Promise.all([verifyNumber(messenger, ALICE), verifyNumber(messenger, ALICE)]);
		const finish = async ({ account, token }: typeof first) => {
			const device = newDevice();
			const [lastResortKeyPackage = new Uint8Array()] = await newKeyPackages(1, account, device, messenger.clock);
			const deviceList = signDeviceList(newSigner(), account, 1, [device], 0);
			await messenger
				.client(RegistrationService)
				.createAccount({ registrationToken: token, deviceList, lastResortKeyPackage });
			return device;
		};
		const loser = await finish(first);
		const winner = await finish(second);
		assert.equal((await refusalOf(logIn(messenger, loser))).code, "DEVICE_REMOVED");
		const own = await messenger.client(AccountService, await logIn(messenger, winner)).getOwnAccount({});
		assert.equal(toHex(own.accountId), second.account);
	});
}

test("after a restart everything is as it was, and a token of before still counts (sqlite)", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, ALICE);
	const { attemptId } = await messenger.client(RegistrationService).requestCode({ phone: "+15550100002" });
	const { challenge } = await messenger.client(SessionService).getChallenge({});
	messenger.clock.advance(1);
	await messenger.restart();
	assert.equal((await alice.client(AccountService).getOwnAccount({})).phone, ALICE);
	await alice.login();
	await messenger
		.client(RegistrationService)
		.verifyCode({ attemptId, code: messenger.codes.get("+15550100002") ?? "" });
	const stale = messenger
		.client(SessionService)
		.createSession({ login: signLogin(alice, challenge, messenger.origin) });
	assert.equal((await refusalOf(stale)).code, "UNAUTHENTICATED");
});

function wrongCode(right: string): string {
	return right === "000000" ? "000001" : "000000";
}
