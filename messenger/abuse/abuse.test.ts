/** What the operator does about an account holds, is seen by its person, ends, and outlives a new registration. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AbuseService, AccountService, idBytes, LIMITS, Restriction } from "@troth/protocol";
import { refusalOf, registerAccount, startTestMessenger, type TestAccount, type TestMessenger } from "../_fixture.ts";
import { newDevice, signDeviceList } from "../_identities.ts";
import { DAY_MS, fileOf, newDecider, OPERATOR, publish } from "../sharing/_person.ts";
import { sweepAbuse } from "./ending.ts";
import { AbuseLimits } from "./limits.ts";

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;
const ALICE = "+15550100001";
const BOB = "+15550100002";
const MALLORY = "+15550100009";

async function operate(messenger: TestMessenger, path: string, body?: object) {
	const response = await fetch(`${messenger.url}/operator/${path}`, {
		method: body === undefined ? "GET" : "POST",
		headers: { authorization: `Bearer ${OPERATOR}`, ...(body && { "content-type": "application/json" }) },
		...(body && { body: JSON.stringify(body) }),
	});
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const spam = { phone: MALLORY, purpose: "spam_and_abuse", label: "bulk_messages", scoreClass: "high", days: 1 };

const NAMES = new Map<number, string>(Object.entries(Restriction).map(([name, value]) => [value, name]));

/** What a person is told, in short. */
async function told(person: TestAccount): Promise<readonly string[]> {
	const { limits } = await person.client(AbuseService).getLimits({});
	return limits.map(({ purpose, label, restrictions, untilMs }) =>
		[purpose, label, ...restrictions.map((one) => NAMES.get(one)), Number(untilMs)].join(" "),
	);
}

/** Looks numbers up until it is refused; how often that worked. */
async function lookUps(person: TestAccount, phone: string, most: number): Promise<number> {
	for (let done = 0; done < most; done++) {
		const error = await person
			.client(AccountService)
			.lookUpNumber({ phone })
			.then(
				() => undefined,
				(reason: unknown) => reason,
			);
		if (error !== undefined) return done;
	}
	return most;
}

test("who was acted upon for spam reaches few new people, sees why, and is free again when it ends", async () => {
	await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
	const alice = await registerAccount(messenger, ALICE);
	const mallory = await registerAccount(messenger, MALLORY);
	assert.equal(await lookUps(mallory, ALICE, 10), 10);
	messenger.clock.advance(MINUTE_MS);
	const acted = await operate(messenger, "actions", spam);
	const until = messenger.clock.now() + DAY_MS;
	assert.deepEqual([acted.status, acted.body["account"], acted.body["until"]], [201, mallory.account, until]);
	assert.deepEqual(await told(mallory), [`spam_and_abuse bulk_messages NEW_CONVERSATIONS ${until}`]);
	assert.deepEqual(await told(alice), []);
	assert.equal(await lookUps(mallory, ALICE, 10), LIMITS.limitedLookUpsPerHour);
	const refusal = await refusalOf(mallory.client(AccountService).lookUpNumber({ phone: ALICE }));
	assert.equal(refusal.code, "RATE_LIMITED");
	assert.ok((refusal.fields.retryAtMs ?? 0) > messenger.clock.now());
	assert.equal(await lookUps(alice, MALLORY, 10), 10, "nobody else is limited");
	// What is swept was swept a minute before.
	messenger.clock.sleep(DAY_MS - MINUTE_MS);
	messenger.clock.advance(MINUTE_MS);
	const later = messenger.client(AbuseService, await mallory.login());
	assert.deepEqual((await later.getLimits({})).limits, [], "over at that very moment, before anything is swept");
});

test("an action is lifted, and one that makes no sense is refused", async () => {
	await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
	const mallory = await registerAccount(messenger, MALLORY);
	for (const wrong of [
		{ ...spam, label: "copyright" },
		{ ...spam, scoreClass: undefined },
		{ ...spam, caseId: "CASE-1" },
		{ ...spam, purpose: "relevant_ads" },
		{ ...spam, days: 0 },
		{ phone: MALLORY, purpose: "security", label: "phishing", caseId: "call +15550100009", days: 1 },
		{ ...spam, reason: "he called me from +1 555 010 0002" },
	])
		assert.equal((await operate(messenger, "actions", wrong)).status, 422, JSON.stringify(wrong));
	assert.equal((await operate(messenger, "actions", { ...spam, phone: BOB })).status, 404);
	assert.deepEqual(await told(mallory), []);
	await operate(messenger, "actions", spam);
	const lift = { account: mallory.account, purpose: "spam_and_abuse" };
	assert.equal((await operate(messenger, "actions/lift", lift)).status, 200);
	assert.equal((await operate(messenger, "actions/lift", lift)).status, 404);
	assert.deepEqual(await told(mallory), []);
	const unknown = await fetch(`${messenger.url}/operator/actions`, { method: "POST" });
	assert.equal(unknown.status, 401);
});

test("an action for security ends the sessions of before and keeps further devices out", async () => {
	await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
	const { clock } = messenger;
	const bob = await registerAccount(messenger, BOB);
	clock.advance(1);
	const takeover = { phone: BOB, purpose: "security", label: "account_takeover", caseId: "CASE-17", days: 3 };
	assert.equal((await operate(messenger, "actions", takeover)).status, 201);
	assert.equal((await refusalOf(bob.client(AbuseService).getLimits({}))).code, "UNAUTHENTICATED");
	const token = await bob.login();
	const { limits } = await messenger.client(AbuseService, token).getLimits({});
	assert.deepEqual(
		limits.map(({ caseId, restrictions }) => [caseId, restrictions]),
		[["CASE-17", [Restriction.NEW_CONVERSATIONS, Restriction.NEW_DEVICES]]],
	);
	const accounts = messenger.client(AccountService, token);
	const second = signDeviceList(bob.identity, bob.account, 2, [bob, newDevice()], clock.now());
	assert.equal((await refusalOf(accounts.publishDeviceList({ deviceList: second }))).code, "RATE_LIMITED");
	await operate(messenger, "actions/lift", takeover);
	await accounts.publishDeviceList({ deviceList: second });
});

test("registering the number again does not shed a limit for spam, and no other trace is left", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings: { operatorToken: OPERATOR } });
	const { clock } = messenger;
	await registerAccount(messenger, MALLORY);
	const until = clock.now() + DAY_MS;
	await operate(messenger, "actions", spam);
	await operate(messenger, "actions", {
		phone: MALLORY,
		purpose: "infringement",
		label: "counterfeit",
		caseId: "CASE-2",
		days: 1,
	});
	clock.advance(HOUR_MS);
	const again = await registerAccount(messenger, MALLORY);
	assert.deepEqual(await told(again), [`spam_and_abuse bulk_messages NEW_CONVERSATIONS ${until}`]);
	await operate(messenger, "actions/lift", { phone: MALLORY, purpose: "spam_and_abuse" });
	const third = await registerAccount(messenger, MALLORY);
	assert.deepEqual(await told(third), [], "what was lifted leaves nothing");
	await operate(messenger, "actions", spam);
	clock.sleep(DAY_MS);
	await messenger.restart(async ({ records }) => {
		await sweepAbuse({ records, clock, limits: new AbuseLimits(records, clock) });
		for (const table of ["abuse_action", "abuse_block"] as const)
			assert.deepEqual(await records.selectFrom(table).selectAll().execute(), []);
	});
});

test("a person objects, the operator looks at it first, and it is decided once", async () => {
	await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
	const mallory = await registerAccount(messenger, MALLORY);
	const abuse = mallory.client(AbuseService);
	const { purpose } = spam;
	assert.equal((await refusalOf(abuse.objectToAction({ purpose }))).code, "NOT_FOUND");
	await operate(messenger, "actions", spam);
	const first = await abuse.objectToAction({ purpose });
	messenger.clock.advance(1000);
	assert.deepEqual(await abuse.objectToAction({ purpose }), first, "twice is once");
	const { body } = await operate(messenger, "actions");
	const [listed] = body["actions"] as { account: string; objectedAt: number }[];
	assert.deepEqual([listed?.account, listed?.objectedAt], [mallory.account, Number(first.objectedAtMs)]);
	assert.ok(!JSON.stringify(body).includes(MALLORY.slice(2)), "the list names no number");
	assert.equal((await operate(messenger, "actions/keep", { phone: MALLORY, purpose })).status, 200);
	const { limits } = await abuse.getLimits({});
	assert.deepEqual(
		limits.map(({ canObject, objectedAtMs }) => [canObject, objectedAtMs]),
		[[false, 0n]],
	);
	assert.equal((await refusalOf(abuse.objectToAction({ purpose }))).code, "FORBIDDEN");
});

test("a report names whom, why and when, not who, once, and goes with either of the two", async () => {
	await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
	const alice = await registerAccount(messenger, ALICE);
	const mallory = await registerAccount(messenger, MALLORY);
	const report = (reason: string, accountId = idBytes(mallory.account)) =>
		alice.client(AbuseService).reportAccount({ accountId, reason });
	await report("spam");
	messenger.clock.advance(1000);
	await report("spam");
	const { body } = await operate(messenger, "reports");
	assert.deepEqual(body, {
		reports: [{ id: 1, account: mallory.account, reason: "spam", at: messenger.clock.now(), revealed: 0 }],
	});
	assert.equal((await refusalOf(report("I do not like them"))).code, "MALFORMED");
	assert.equal((await refusalOf(report("spam", idBytes(alice.account)))).code, "MALFORMED");
	assert.equal((await refusalOf(report("spam", new Uint8Array(16)))).code, "NOT_FOUND");
	await registerAccount(messenger, ALICE);
	assert.deepEqual((await operate(messenger, "reports")).body, { reports: [] });
});

test("what is to be told follows the action: from an acceptance on, until its end, and not while it is objected to", async () => {
	const sharing = {
		door: { url: "http://127.0.0.1:1", token: "nobody listens there" },
		...{ logs: [], witnesses: [], quorum: 0 },
		recipients: [{ id: "family", url: "http://family.example" }],
	};
	await using messenger = await startTestMessenger({
		stores: "sqlite",
		settings: { operatorToken: OPERATOR, sharing },
	});
	const { clock } = messenger;
	const mallory = await newDecider(messenger, MALLORY);
	const { purpose } = spam;
	await operate(messenger, "actions", spam);
	await publish(messenger, await fileOf("opt-in"));
	await mallory.accept();
	const abuse = messenger.client(AbuseService, mallory.token);
	await abuse.objectToAction({ purpose });
	clock.advance(1);
	await operate(messenger, "actions/keep", { phone: MALLORY, purpose });
	clock.sleep(DAY_MS);
	await messenger.restart(async ({ records }) => {
		await sweepAbuse({ records, clock, limits: new AbuseLimits(records, clock) });
		const rows = await records
			.selectFrom("share_outbox")
			.selectAll()
			.where("purpose", "=", purpose)
			.orderBy("id")
			.execute();
		assert.deepEqual(
			rows.map(({ kind, recipient }) => `${kind} ${recipient}`),
			["share family", "recall family", "share family", "recall family"],
			"before the acceptance there was nobody to tell",
		);
		const [first, , second] = rows;
		assert.ok(
			(first?.generation ?? 0) < (second?.generation ?? 0),
			"what was taken back is never older than what follows",
		);
	});
});
