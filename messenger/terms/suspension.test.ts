/** Alice's thirty days: what holds until the last millisecond, what ends then, and what brings it back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescService } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import {
	AccountService,
	type ConversationId,
	ConversationService,
	fromErrorDetail,
	ID_BYTES,
	idBytes,
	isResidual,
	KeyService,
	ServicePhase,
} from "@troth/protocol";
import { refusalOf, startTestMessenger, type TestMessenger } from "../_fixture.ts";
import { TestClient } from "../delivery/_client.ts";
import { METHODS } from "../http/methods.ts";
import { DAY_MS, type Decider, fileOf, newDecider, OPERATOR, publish } from "../sharing/_person.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";
const WINDOW_MS = 2_592_000_000;

const phaseOf = async (person: Decider) =>
	["", "ACTIVE", "PENDING", "SUSPENDED", "CLOSED"][(await person.standing()).phase];

/** What a send to a conversation that is none is refused with: who may not send hears of that first. */
async function sends({ messenger, device }: Decider): Promise<string | undefined> {
	const stream = await TestClient.attach(messenger.url, device);
	stream.send(NOWHERE, 1, new Uint8Array(1));
	const { error } = await stream.next("sendRefused");
	await stream.end();
	return error && fromErrorDetail(error).code;
}

const NOWHERE = "00".repeat(ID_BYTES) as ConversationId;

/** A client of the person's, in a session that has not ended while the clock moved. */
async function clientOf<S extends DescService>(person: Decider, service: S): Promise<Client<S>> {
	await person.login();
	return person.messenger.client(service, person.token);
}

for (const stores of ["memory", "sqlite"] as const) {
	const story = (name: string, tell: (messenger: TestMessenger) => Promise<void>) =>
		test(`${name} (${stores})`, async () => {
			await using messenger = await startTestMessenger({ stores, settings: { operatorToken: OPERATOR } });
			await tell(messenger);
		});

	story(
		"full service under version 1 until 30 days after the notice, and then none until she accepts",
		async (messenger) => {
			const { clock } = messenger;
			const alice = await newDecider(messenger, ALICE);
			const bob = await newDecider(messenger, BOB);
			await publish(messenger, await fileOf("opt-in"));
			assert.equal(await phaseOf(alice), "ACTIVE");
			assert.equal((await alice.standing()).pendingVersion, 2);

			// Offline for 45 days: nothing ran while nobody was shown anything.
			clock.sleep(45 * DAY_MS);
			await alice.login();
			assert.equal(await phaseOf(alice), "ACTIVE");
			assert.equal(await sends(alice), "NOT_A_MEMBER");
			const shownAt = clock.now();
			const standing = await alice.showNotice();
			assert.deepEqual(
				[standing.phase, standing.pendingVersion, standing.noticeDisplayedAtMs, standing.deadlineMs],
				[ServicePhase.PENDING, 2, BigInt(shownAt), BigInt(shownAt + WINDOW_MS)],
			);
			clock.sleep(DAY_MS);
			await alice.login();
			assert.equal((await alice.showNotice()).deadlineMs, BigInt(shownAt + WINDOW_MS), "the first display counts");

			clock.sleep(WINDOW_MS - DAY_MS - 1);
			const keys = async (of: Decider) =>
				(await clientOf(alice, KeyService)).claimKeyPackages({ accountIds: [idBytes(of.account)] });
			assert.equal(await sends(alice), "NOT_A_MEMBER");
			assert.equal((await refusalOf(keys(bob))).code, "NO_KEY_PACKAGE", "bob's have expired, and she may ask");
			assert.equal(await phaseOf(alice), "PENDING");
			clock.advance(1);
			assert.equal(await sends(alice), "SUSPENDED");
			assert.equal((await refusalOf(keys(bob))).code, "SUSPENDED");
			assert.equal(await phaseOf(alice), "SUSPENDED");
			clock.advance(1);
			assert.equal(await sends(alice), "SUSPENDED");
			// Everything that is hers goes on: reading what is there, deciding, her devices, leaving.
			await alice.decide({ relevant_ads: false });
			await (await clientOf(alice, AccountService)).getOwnAccount({});
			await (await clientOf(alice, ConversationService)).listConversations({});
			await keys(alice);
			// Bob was shown nothing, and goes on.
			assert.equal(await sends(bob), "NOT_A_MEMBER");

			clock.sleep(100 * DAY_MS);
			await alice.login();
			await alice.accept();
			assert.equal(await phaseOf(alice), "ACTIVE");
			assert.equal(await sends(alice), "NOT_A_MEMBER");
			const after = await alice.standing();
			assert.deepEqual(
				[after.acceptedVersion, after.pendingVersion, after.deadlineMs, after.choicePromptUntilMs],
				[2, 0, 0n, BigInt(clock.now() + WINDOW_MS)],
			);
		},
	);

	story("a version 3 gives its own 30 days to who is in time, and nothing to who is not", async (messenger) => {
		const { clock } = messenger;
		const [alice, bob] = [await newDecider(messenger, ALICE), await newDecider(messenger, BOB)];
		await publish(messenger, await fileOf("opt-in"));
		const deadline = clock.now() + WINDOW_MS;
		await alice.showNotice();
		await bob.showNotice();
		clock.sleep(WINDOW_MS - 1);
		await publish(messenger, await fileOf("opt-in", 3));
		await alice.login();
		await alice.showNotice();
		clock.advance(1);
		await bob.login();
		await bob.showNotice();
		assert.equal(await phaseOf(bob), "SUSPENDED");
		assert.equal(await phaseOf(alice), "PENDING");
		assert.equal((await alice.standing()).deadlineMs, BigInt(deadline - 1 + WINDOW_MS));
		assert.equal((await refusalOf(bob.accept(2))).code, "TERMS_VERSION_UNKNOWN", "version 2 is no longer in force");
		await bob.accept();
		assert.equal(await phaseOf(bob), "ACTIVE");
	});

	story("whatever she answers about sharing, the service is the same", async (messenger) => {
		await publish(messenger, await fileOf("opt-out"));
		const answers = [
			{},
			{ friend_suggestions: true, relevant_ads: true },
			{ friend_suggestions: false, relevant_ads: false },
		];
		const seen = [];
		for (const [n, answer] of answers.entries()) {
			const person = await newDecider(messenger, `+1555010000${n + 1}`);
			if (Object.keys(answer).length > 0) await person.decide(answer, { presentation: { initiallyOn: true } });
			const { choices, ...rest } = await person.standing();
			seen.push([rest, await sends(person)]);
			const asked = choices.filter(({ purpose }) => !isResidual(purpose));
			const flows = asked.map(({ purpose, flowsFromMs }) => [purpose, Number(flowsFromMs) - messenger.clock.now()]);
			assert.deepEqual(flows, [
				["friend_suggestions", WINDOW_MS],
				["relevant_ads", WINDOW_MS],
				["account_linking", -messenger.clock.now()],
			]);
		}
		assert.deepEqual(seen[1], seen[0]);
		assert.deepEqual(seen[2], seen[0]);
	});

	story("a new account accepts what is in force, and nothing runs against it before", async (messenger) => {
		await publish(messenger, await fileOf("opt-in"));
		const alice = await newDecider(messenger, ALICE, { acceptTerms: false });
		assert.equal(await sends(alice), "TERMS_NOT_ACCEPTED");
		assert.equal((await alice.showNotice()).deadlineMs, 0n);
		assert.equal((await refusalOf(alice.accept(1))).code, "TERMS_VERSION_UNKNOWN");
		await alice.accept();
		assert.equal(await sends(alice), "NOT_A_MEMBER");
	});
}

/** Every method of the contract, asked by this person with nothing in it: status and code of the answer. */
async function answers(person: Decider): Promise<readonly string[]> {
	const list: string[] = [];
	for (const { method } of METHODS) {
		const response = await fetch(`${person.messenger.url}/${method.parent.typeName}/${method.name}`, {
			method: "POST",
			headers: { authorization: `Bearer ${person.token}`, "content-type": "application/json" },
			body: "{}",
		});
		const { code, message } = (await response.json()) as { code?: string; message?: string };
		list.push([method.name, response.status, code, message].join(" "));
	}
	return list;
}

test("no method of the contract answers who said no otherwise than who said yes (H1)", async () => {
	await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
	await publish(messenger, await fileOf("opt-in"));
	const [alice, bob] = [await newDecider(messenger, ALICE), await newDecider(messenger, BOB)];
	const all = { friend_suggestions: true, relevant_ads: true, account_linking: true };
	await alice.decide(all);
	await bob.decide(Object.fromEntries(Object.keys(all).map((purpose) => [purpose, false])));
	const [yes, no] = [await answers(alice), await answers(bob)];
	assert.ok(yes.length > 25 && yes.filter((line) => line.includes(" 200 ")).length >= 8, yes.join("\n"));
	assert.deepEqual(no, yes);
});

test("nobody starts alice's days for her, nor for a text that was never published", async () => {
	await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
	const [alice, bob] = [await newDecider(messenger, ALICE), await newDecider(messenger, BOB)];
	await publish(messenger, await fileOf("opt-in"));
	const codeOf = async (change: Parameters<Decider["notice"]>[0]) =>
		(await refusalOf(alice.sharing.confirmNotice({ notice: await alice.notice(change) }))).code;
	assert.equal(await codeOf({ signer: bob.device.signer }), "UNAUTHENTICATED");
	assert.equal(await codeOf({ accountId: idBytes(bob.account) }), "UNAUTHENTICATED");
	assert.equal(await codeOf({ deviceId: idBytes(bob.device.device) }), "UNAUTHENTICATED");
	assert.equal(await codeOf({ textHash: new Uint8Array(32) }), "TERMS_VERSION_UNKNOWN");
	assert.equal(await codeOf({ policyHash: new Uint8Array(32) }), "TERMS_VERSION_UNKNOWN");
	assert.equal((await refusalOf(alice.sharing.confirmNotice({}))).code, "MALFORMED");
	assert.equal((await alice.standing()).deadlineMs, 0n);
	// Version 1 was displayed, too: that starts nothing.
	assert.equal((await alice.showNotice(1)).deadlineMs, 0n);
	assert.notEqual((await alice.showNotice()).deadlineMs, 0n);
});
