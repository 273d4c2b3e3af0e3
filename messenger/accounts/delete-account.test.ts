/** Alice deletes her account: what has to be true at once, whatever phase she is in, and what nobody can do for her. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	AccountDeletionSchema,
	AccountService,
	ErrorCode,
	idBytes,
	KeyService,
	LABELS,
	type Label,
	toHex,
} from "@troth/protocol";
import { sql } from "kysely";
import { logIn, refusalOf, registerAccount, startTestMessenger, type TestMessenger } from "../_fixture.ts";
import { newDevice, newSigner, type Signer, signDeviceList, signStatement } from "../_identities.ts";
import { TestClient } from "../delivery/_client.ts";
import { DAY_MS, type Decider, fileOf, newDecider, OPERATOR, publish } from "../sharing/_person.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";

const deletionOf = (
	{ account, device }: Decider,
	{ signer = device.signer, label = LABELS.accountDeletion }: { signer?: Signer; label?: Label } = {},
) => ({
	deletion: signStatement(signer, label, AccountDeletionSchema, {
		accountId: idBytes(account),
		deviceId: idBytes(device.device),
	}),
});

const accountsOf = (person: Decider) => person.messenger.client(AccountService, person.token);

for (const stores of ["memory", "sqlite"] as const) {
	const story = (name: string, tell: (messenger: TestMessenger) => Promise<void>) =>
		test(`${name} (${stores})`, async () => {
			await using messenger = await startTestMessenger({ stores, settings: { operatorToken: OPERATOR } });
			await publish(messenger, await fileOf("opt-in"));
			await tell(messenger);
		});

	story("everything of hers ends at once, on all her devices, and the number is free", async (messenger) => {
		const alice = await newDecider(messenger, ALICE);
		const bob = await registerAccount(messenger, BOB);
		const laptop = newDevice();
		await accountsOf(alice).publishDeviceList({
			deviceList: signDeviceList(alice.person.identity, alice.account, 2, [alice.person, laptop], 0),
		});
		const onLaptop = messenger.client(AccountService, await logIn(messenger, laptop));
		const stream = await TestClient.attach(messenger.url, laptop);
		await bob.client(AccountService).blockAccount({ accountId: idBytes(alice.account) });
		await accountsOf(alice).deleteAccount(deletionOf(alice));

		assert.equal(await stream.closed, 4410);
		for (const client of [accountsOf(alice), onLaptop])
			assert.equal((await refusalOf(client.getOwnAccount({}))).code, "DEVICE_REMOVED");
		assert.equal((await refusalOf(accountsOf(alice).deleteAccount(deletionOf(alice)))).code, "DEVICE_REMOVED");
		assert.equal((await refusalOf(alice.login())).code, "DEVICE_REMOVED");
		const theirs = bob.client(AccountService);
		assert.equal((await refusalOf(theirs.lookUpNumber({ phone: ALICE }))).code, "NOT_FOUND");
		assert.deepEqual((await theirs.getOwnAccount({})).blockedAccountIds, []);
		const gone = { accountIds: [idBytes(alice.account)] };
		assert.equal((await refusalOf(bob.client(KeyService).claimKeyPackages(gone))).code, "NOT_FOUND");

		const next = await newDecider(messenger, ALICE, { acceptTerms: false });
		assert.equal(toHex((await theirs.lookUpNumber({ phone: ALICE })).accountId), next.account);
		assert.equal((await next.standing()).acceptedVersion, 0);
		assert.equal(await next.choice("friend_suggestions"), "UNSET 0");
	});

	story("nobody deletes it for her", async (messenger) => {
		const alice = await newDecider(messenger, ALICE);
		const bob = await newDecider(messenger, BOB);
		const codeOf = async (request: Parameters<ReturnType<typeof accountsOf>["deleteAccount"]>[0], by = alice) =>
			(await refusalOf(accountsOf(by).deleteAccount(request))).code;
		assert.equal(await codeOf({}), "MALFORMED");
		assert.equal(await codeOf(deletionOf(alice, { signer: newSigner() })), "UNAUTHENTICATED");
		assert.equal(await codeOf(deletionOf(alice, { signer: bob.device.signer })), "UNAUTHENTICATED");
		assert.equal(await codeOf(deletionOf(alice, { label: LABELS.termsAcceptance })), "UNAUTHENTICATED");
		assert.equal(await codeOf(deletionOf(bob)), "UNAUTHENTICATED");
		assert.equal(await codeOf(deletionOf(alice), bob), "UNAUTHENTICATED");
		const stranger = messenger.client(AccountService).deleteAccount(deletionOf(alice));
		assert.equal((await refusalOf(stranger)).code, "UNAUTHENTICATED");
		assert.equal((await accountsOf(alice).getOwnAccount({})).phone, ALICE);
	});

	story("suspended, she can still delete it", async (messenger) => {
		const alice = await newDecider(messenger, ALICE);
		await publish(messenger, await fileOf("opt-in", 3));
		await alice.showNotice();
		messenger.clock.sleep(30 * DAY_MS);
		await alice.login();
		const stream = await TestClient.attach(messenger.url, alice.device);
		stream.send("00".repeat(16) as Parameters<typeof stream.send>[0], 1, new Uint8Array(1));
		assert.equal((await stream.next("sendRefused")).error?.code, ErrorCode.SUSPENDED);
		await stream.end();
		await accountsOf(alice).deleteAccount(deletionOf(alice));
		assert.equal((await refusalOf(alice.login())).code, "DEVICE_REMOVED");
	});
}

test("what is left in the records are recalls, and ids that never come back (sqlite)", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings: { operatorToken: OPERATOR } });
	await publish(messenger, await fileOf("opt-in"));
	const alice = await newDecider(messenger, ALICE);
	await alice.showNotice();
	await alice.decide({ friend_suggestions: true, account_linking: true, relevant_ads: false });
	await accountsOf(alice).deleteAccount(deletionOf(alice));
	await messenger.restart(async ({ records }) => {
		const { rows: tables } = await sql<{ name: string }>`
			select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'
		`.execute(records);
		const holding: string[] = [];
		for (const { name } of tables) {
			const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(records);
			const values = new Set(rows.flatMap((row) => Object.values(row)));
			assert.ok(!values.has(ALICE), `the number is in ${name}`);
			if (values.has(alice.account)) holding.push(name);
		}
		assert.deepEqual(holding.sort(), ["device", "share_outbox"]);
		const recalls = await records.selectFrom("share_outbox").selectAll().where("kind", "=", "recall").execute();
		assert.deepEqual(recalls.map(({ purpose, recipient }) => `${purpose} ${recipient}`).sort(), [
			"account_linking family",
			"friend_suggestions family",
			"friend_suggestions photos",
		]);
	});
});
