/** Key packages: prepared by one, claimed by many, each of them once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountService, idBytes, KeyService, LIMITS, toHex } from "@troth/protocol";
import { refusalOf, registerAccount, startTestMessenger, type TestAccount, type TestMessenger } from "../_fixture.ts";
import { newDevice, newKeyPackages, signDeviceList } from "../_identities.ts";

for (const stores of ["memory", "sqlite"] as const) {
	const story = (name: string, tell: (messenger: TestMessenger) => Promise<void>) =>
		test(`${name} (${stores})`, async () => {
			await using messenger = await startTestMessenger({ stores });
			await tell(messenger);
		});

	const claim = async (claimer: TestAccount, ...targets: readonly TestAccount[]) => {
		const { keyPackages } = await claimer
			.client(KeyService)
			.claimKeyPackages({ accountIds: targets.map(({ account }) => idBytes(account)) });
		return keyPackages.map(({ keyPackage }) => toHex(keyPackage));
	};

	story("claims at the same moment never get the same package", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001", { keyPackages: 12 });
		const others = await Promise.all(
			["+15550100002", "+15550100003", "+15550100004"].map((phone) => registerAccount(messenger, phone)),
		);
		const claimed = await Promise.all(
			others.flatMap((person) => [
				claim(person, alice),
				claim(person, alice),
				claim(person, alice),
				claim(person, alice),
			]),
		);
		assert.equal(new Set(claimed.flat()).size, 12);
		const { available, lastResortUsed } = await alice.client(KeyService).countKeyPackages({});
		assert.deepEqual([available, lastResortUsed], [0, false]);
	});

	story("the oldest goes first; when none is left the last resort serves all, and alice is told", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001", { keyPackages: 0 });
		const bob = await registerAccount(messenger, "+15550100002");
		const keys = alice.client(KeyService);
		const packages = await newKeyPackages(3, alice.account, alice, messenger.clock);
		assert.equal((await keys.publishKeyPackages({ keyPackages: packages.slice(0, 2) })).available, 2);
		assert.equal((await keys.publishKeyPackages({ keyPackages: packages.slice(2) })).available, 3);
		const claimed = [...(await claim(bob, alice)), ...(await claim(bob, alice)), ...(await claim(bob, alice))];
		assert.deepEqual(claimed, packages.map(toHex));
		assert.equal((await keys.countKeyPackages({})).lastResortUsed, false);
		const [lastResort] = await claim(bob, alice);
		assert.deepEqual(await claim(bob, alice), [lastResort]);
		assert.equal((await keys.countKeyPackages({})).lastResortUsed, true);
		const [fresh = new Uint8Array()] = await newKeyPackages(1, alice.account, alice, messenger.clock);
		await keys.publishKeyPackages({ lastResortKeyPackage: fresh });
		assert.equal((await keys.countKeyPackages({})).lastResortUsed, false);
		assert.deepEqual(await claim(bob, alice), [toHex(fresh)]);
		await keys.publishKeyPackages({ lastResortKeyPackage: fresh });
		assert.equal((await keys.countKeyPackages({})).lastResortUsed, true, "a repeat does not make it unused");
	});

	story("a package that was claimed does not come back, however often it is published", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001", { keyPackages: 0 });
		const bob = await registerAccount(messenger, "+15550100002");
		const keys = alice.client(KeyService);
		const keyPackages = await newKeyPackages(2, alice.account, alice, messenger.clock);
		await keys.publishKeyPackages({ keyPackages });
		assert.equal((await keys.publishKeyPackages({ keyPackages })).available, 2);
		const [first] = await claim(bob, alice);
		assert.equal((await keys.publishKeyPackages({ keyPackages })).available, 1);
		const [second] = await claim(bob, alice);
		assert.notEqual(first, second);
	});

	story("packages whose life is over are not handed out", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001", { keyPackages: 1 });
		messenger.clock.advance(30 * 24 * 3600_000);
		const bob = await registerAccount(messenger, "+15550100002");
		assert.equal((await refusalOf(claim(bob, alice))).code, "NO_KEY_PACKAGE");
		const token = await alice.login();
		const keyPackages = await newKeyPackages(1, alice.account, alice, messenger.clock);
		const { available } = await messenger.client(KeyService, token).publishKeyPackages({ keyPackages });
		assert.equal(available, 1);
		assert.deepEqual(await claim(bob, alice), keyPackages.map(toHex));
	});

	story("only a device's own packages are taken, and all of a request or none", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001", { keyPackages: 0 });
		const keys = alice.client(KeyService);
		const [own = new Uint8Array()] = await newKeyPackages(1, alice.account, alice, messenger.clock);
		const [foreign = new Uint8Array()] = await newKeyPackages(1, alice.account, newDevice(), messenger.clock);
		assert.equal(
			(await refusalOf(keys.publishKeyPackages({ keyPackages: [own, foreign] }))).code,
			"KEY_PACKAGE_INVALID",
		);
		assert.equal((await keys.countKeyPackages({})).available, 0);
	});

	story("a stock has a limit; what is newest stays", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001", { keyPackages: 0 });
		const bob = await registerAccount(messenger, "+15550100002");
		const keys = alice.client(KeyService);
		const packages = await newKeyPackages(LIMITS.keyPackagesPerDevice + 5, alice.account, alice, messenger.clock);
		await keys.publishKeyPackages({ keyPackages: packages.slice(0, LIMITS.keyPackagesPerDevice) });
		const { available } = await keys.publishKeyPackages({ keyPackages: packages.slice(LIMITS.keyPackagesPerDevice) });
		assert.equal(available, LIMITS.keyPackagesPerDevice);
		assert.deepEqual(await claim(bob, alice), [toHex(packages[5] ?? new Uint8Array())]);
	});

	story("bob claims for a group: all accounts or none; his own other devices, not this one", async (messenger) => {
		const bob = await registerAccount(messenger, "+15550100002", { keyPackages: 1 });
		const alice = await registerAccount(messenger, "+15550100001", { keyPackages: 1 });
		const nobody = { ...alice, account: "00".repeat(16) as typeof alice.account };
		assert.equal((await refusalOf(claim(bob, alice, nobody))).code, "NOT_FOUND");
		assert.equal((await alice.client(KeyService).countKeyPackages({})).available, 1, "nothing was used up");
		assert.deepEqual(await claim(bob, bob), []);
		assert.equal((await claim(bob, alice, bob, alice)).length, 1);

		const laptop = newDevice();
		const deviceList = signDeviceList(bob.identity, bob.account, 2, [bob, laptop], 0);
		await bob.client(AccountService).publishDeviceList({ deviceList });
		assert.deepEqual(await claim(bob, bob), [], "the laptop has prepared none yet, which stops nobody");
	});

	story("who is blocked gets no key packages", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001");
		const mallory = await registerAccount(messenger, "+15550100003");
		const accounts = alice.client(AccountService);
		await claim(mallory, alice);
		await accounts.blockAccount({ accountId: idBytes(mallory.account) });
		assert.equal((await refusalOf(claim(mallory, alice))).code, "BLOCKED");
		assert.equal((await claim(alice, mallory)).length, 1);
		await accounts.unblockAccount({ accountId: idBytes(mallory.account) });
		await claim(mallory, alice);
	});

	story("nobody can use up another's stock in an afternoon", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001");
		const bob = await registerAccount(messenger, "+15550100002");
		const mallory = await registerAccount(messenger, "+15550100003");
		for (let i = 0; i < LIMITS.claimsPerHour; i++) await claim(mallory, alice);
		const limited = await refusalOf(claim(mallory, alice));
		assert.equal(limited.code, "RATE_LIMITED");
		await claim(mallory, bob);
		await claim(bob, alice);
		messenger.clock.advance((limited.fields.retryAtMs ?? 0) - messenger.clock.now());
		await claim(mallory, alice);
	});
}
