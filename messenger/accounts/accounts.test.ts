/** Device lists, look-ups and blocks, as people use and abuse them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountService, idBytes, KeyService, LIMITS, toHex } from "@troth/protocol";
import {
	logIn,
	refusalOf,
	registerAccount,
	startTestMessenger,
	type TestAccount,
	type TestMessenger,
} from "../_fixture.ts";
import { newDevice, newKeyPackages, newSigner, signDeviceList, type TestDevice } from "../_identities.ts";

for (const stores of ["memory", "sqlite"] as const) {
	const story = (
		name: string,
		tell: (messenger: TestMessenger, alice: TestAccount, bob: TestAccount) => Promise<void>,
	) =>
		test(`${name} (${stores})`, async () => {
			await using messenger = await startTestMessenger({ stores });
			const alice = await registerAccount(messenger, "+15550100001");
			const bob = await registerAccount(messenger, "+15550100002");
			await tell(messenger, alice, bob);
		});

	const publish = (person: TestAccount, version: number, devices: readonly TestDevice[], signer = person.identity) =>
		person
			.client(AccountService)
			.publishDeviceList({ deviceList: signDeviceList(signer, person.account, version, devices, 0) });

	story("bob finds alice by her exact number, and gets the list she signed", async (_messenger, alice, bob) => {
		const accounts = bob.client(AccountService);
		const found = await accounts.lookUpNumber({ phone: "+1 555 010 0001" });
		assert.equal(toHex(found.accountId), alice.account);
		const own = await alice.client(AccountService).getOwnAccount({});
		assert.deepEqual(found.deviceList, own.deviceList);
		assert.equal((await refusalOf(accounts.lookUpNumber({ phone: "+15550100009" }))).code, "NOT_FOUND");
		assert.equal((await refusalOf(accounts.lookUpNumber({ phone: "0001" }))).code, "PHONE_INVALID");
	});

	story("numbers can not be tried out one after the other", async (messenger, alice, bob) => {
		const accounts = bob.client(AccountService);
		const tries = Array.from(
			{ length: LIMITS.lookUpsPerHour },
			(_, i) => `+1555010${String(i + 100).padStart(4, "0")}`,
		);
		await Promise.all(tries.map((phone) => refusalOf(accounts.lookUpNumber({ phone }))));
		const limited = await refusalOf(accounts.lookUpNumber({ phone: alice.phone }));
		assert.equal(limited.code, "RATE_LIMITED");
		await alice.client(AccountService).lookUpNumber({ phone: bob.phone });
		messenger.clock.advance((limited.fields.retryAtMs ?? 0) - messenger.clock.now());
		await accounts.lookUpNumber({ phone: alice.phone });
	});

	story("lists are given in the order asked, and strangers' ids have none", async (_messenger, alice, bob) => {
		const accounts = bob.client(AccountService);
		const nobody = new Uint8Array(16);
		const { lists } = await accounts.getDeviceLists({
			accountIds: [idBytes(bob.account), nobody, idBytes(alice.account)],
		});
		assert.deepEqual(
			lists.map(({ accountId, deviceList }) => [toHex(accountId), deviceList !== undefined]),
			[
				[bob.account, true],
				[toHex(nobody), false],
				[alice.account, true],
			],
		);
		assert.deepEqual((await accounts.getDeviceLists({})).lists, []);
		const many = { accountIds: Array.from({ length: LIMITS.accountsPerRequest + 1 }, () => nobody) };
		assert.equal((await refusalOf(accounts.getDeviceLists(many))).code, "MALFORMED");
		const short = { accountIds: [new Uint8Array(15)] };
		assert.equal((await refusalOf(accounts.getDeviceLists(short))).code, "MALFORMED");
	});

	story("alice adds a laptop: it logs in, and others add it to their chats", async (messenger, alice, bob) => {
		const laptop = newDevice();
		assert.equal((await refusalOf(logIn(messenger, laptop))).code, "UNAUTHENTICATED");
		await publish(alice, 2, [alice, laptop]);
		await publish(alice, 2, [alice, laptop]);
		const token = await logIn(messenger, laptop);
		const keys = messenger.client(KeyService, token);
		await keys.publishKeyPackages({ keyPackages: await newKeyPackages(1, alice.account, laptop, messenger.clock) });
		const claimed = await bob.client(KeyService).claimKeyPackages({ accountIds: [idBytes(alice.account)] });
		assert.deepEqual(
			claimed.keyPackages.map(({ deviceId }) => toHex(deviceId)).sort(),
			[alice.device, laptop.device].sort(),
		);
		const own = await messenger.client(AccountService, token).getOwnAccount({});
		assert.equal(own.devices.length, 2);
	});

	story("a laptop that alice removed is out at once: session, login, key packages", async (messenger, alice, bob) => {
		const laptop = newDevice();
		await publish(alice, 2, [alice, laptop]);
		const accounts = messenger.client(AccountService, await logIn(messenger, laptop));
		await accounts.getOwnAccount({});
		await publish(alice, 3, [alice]);
		assert.equal((await refusalOf(accounts.getOwnAccount({}))).code, "DEVICE_REMOVED");
		assert.equal((await refusalOf(logIn(messenger, laptop))).code, "DEVICE_REMOVED");
		const claimed = await bob.client(KeyService).claimKeyPackages({ accountIds: [idBytes(alice.account)] });
		assert.deepEqual(
			claimed.keyPackages.map(({ deviceId }) => toHex(deviceId)),
			[alice.device],
		);
		assert.equal((await refusalOf(publish(alice, 4, [alice, laptop]))).code, "DEVICE_LIST_INVALID");
		const stranger = { ...newDevice(), device: laptop.device };
		assert.equal((await refusalOf(logIn(messenger, stranger))).code, "UNAUTHENTICATED");
	});

	story("a list that is old, jumps ahead, or that alice did not sign is refused", async (messenger, alice, bob) => {
		const laptop = newDevice();
		const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).code;
		assert.equal(await codeOf(publish(alice, 1, [alice, laptop])), "DEVICE_LIST_STALE");
		assert.equal(await codeOf(publish(alice, 3, [alice, laptop])), "DEVICE_LIST_INVALID");
		assert.equal(await codeOf(publish(alice, 2, [alice, laptop], newSigner())), "DEVICE_LIST_INVALID");
		const forged = { publicKey: alice.identity.publicKey, sign: newSigner().sign };
		assert.equal(await codeOf(publish(alice, 2, [alice, laptop], forged)), "DEVICE_LIST_INVALID");
		assert.equal(await codeOf(publish(alice, 2, [{ ...alice, signer: newSigner() }])), "DEVICE_LIST_INVALID");
		assert.equal(await codeOf(publish(alice, 2, [alice, bob])), "DEVICE_LIST_INVALID");
		assert.equal(await codeOf(publish(alice, 2, [])), "DEVICE_LIST_INVALID");
		const bobs = { deviceList: signDeviceList(bob.identity, bob.account, 2, [bob, laptop], 0) };
		assert.equal(await codeOf(alice.client(AccountService).publishDeviceList(bobs)), "DEVICE_LIST_INVALID");
		assert.equal(await codeOf(alice.client(AccountService).publishDeviceList({})), "MALFORMED");
		await publish(alice, 2, [alice, laptop]);
		assert.equal(await codeOf(publish(alice, 2, [alice])), "DEVICE_LIST_STALE");
		assert.equal((await refusalOf(logIn(messenger, { ...laptop, signer: newSigner() }))).code, "UNAUTHENTICATED");
	});

	story("two devices that publish at once: one wins, the other is told to look again", async (_messenger, alice) => {
		const outcomes = await Promise.allSettled([
			publish(alice, 2, [alice, newDevice()]),
			publish(alice, 2, [alice, newDevice()]),
		]);
		assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
		assert.equal((await alice.client(AccountService).getOwnAccount({})).devices.length, 2);
	});

	story("alice blocks bob, sees it, and takes it back", async (_messenger, alice, bob) => {
		const accounts = alice.client(AccountService);
		const blocked = async () => (await accounts.getOwnAccount({})).blockedAccountIds.map(toHex);
		await accounts.blockAccount({ accountId: idBytes(bob.account) });
		await accounts.blockAccount({ accountId: idBytes(bob.account) });
		assert.deepEqual(await blocked(), [bob.account]);
		assert.deepEqual((await bob.client(AccountService).getOwnAccount({})).blockedAccountIds, []);
		await accounts.unblockAccount({ accountId: idBytes(bob.account) });
		await accounts.unblockAccount({ accountId: idBytes(bob.account) });
		assert.deepEqual(await blocked(), []);
		const codeOf = async (accountId: Uint8Array) => (await refusalOf(accounts.blockAccount({ accountId }))).code;
		assert.equal(await codeOf(new Uint8Array(16)), "NOT_FOUND");
		assert.equal(await codeOf(new Uint8Array(5)), "MALFORMED");
		assert.equal(await codeOf(idBytes(alice.account)), "MALFORMED");
	});
}
