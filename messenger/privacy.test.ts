/** What the server writes about people: never a number, a code, a token or a key. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountService, idBytes, KeyService, RegistrationService } from "@troth/protocol";
import { refusalOf, registerAccount, startTestMessenger, verifyNumber } from "./_fixture.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";

test("a day's log has no number, code or token in it, and the console only what the provider prints", async () => {
	await using messenger = await startTestMessenger();
	const alice = await registerAccount(messenger, ALICE);
	const tokens = [await alice.login()];
	const codes = [messenger.codes.get(ALICE) ?? ""];
	const registration = messenger.client(RegistrationService);
	const { attemptId } = await registration.requestCode({ phone: BOB });
	codes.push(messenger.codes.get(BOB) ?? "");
	await refusalOf(registration.verifyCode({ attemptId, code: "000000" === codes[1] ? "000001" : "000000" }));
	await refusalOf(registration.resendCode({ attemptId }));
	await refusalOf(registration.requestCode({ phone: `${BOB}99999999999` }));
	const bob = await registerAccount(messenger, BOB);
	codes.push(messenger.codes.get(BOB) ?? "");
	await bob.client(AccountService).lookUpNumber({ phone: ALICE });
	await refusalOf(bob.client(AccountService).lookUpNumber({ phone: "+15550100003" }));
	await alice.client(AccountService).blockAccount({ accountId: idBytes(bob.account) });
	await refusalOf(bob.client(KeyService).claimKeyPackages({ accountIds: [idBytes(alice.account)] }));
	await refusalOf(messenger.client(AccountService, "forged").getOwnAccount({}));
	const { token } = await verifyNumber(messenger, ALICE);
	codes.push(messenger.codes.get(ALICE) ?? "");
	await registerAccount(messenger, ALICE);
	await fetch(`${messenger.url}/look-up/${ALICE}?code=${codes[0]}`);

	assert.ok(messenger.log.length > 10);
	// Times and ids are made of digits too: what is left of a line without them must not contain any long run.
	const text = messenger.log
		.map((line) => line.replace(/"time":"[^"]+",/, "").replaceAll(/\b[0-9a-f]{32}\b/g, "id"))
		.join("\n");
	for (const secret of [ALICE, BOB, ALICE.slice(1), "555 010", ...codes, ...tokens, Buffer.from(token).toString("hex")])
		assert.ok(!text.includes(secret), `the log contains ${secret}`);
	assert.doesNotMatch(text.replaceAll(messenger.origin, ""), /\d{6}/);

	assert.equal(messenger.console.length, messenger.counters().get("code-sent{first}"));
	for (const line of messenger.console)
		assert.match(line, /^\[development codes\] code for the number ending in \d{4}: \d{6}$/);
	assert.ok(!messenger.console.join("\n").includes("5550100"));
});

test("a defect is told to the operator, and to the client only that there was one", async () => {
	await using messenger = await startTestMessenger();
	const alice = await registerAccount(messenger, ALICE);
	// A clock that breaks for a moment is a defect that no refusal foresees.
	messenger.clock.now = () => {
		Reflect.deleteProperty(messenger.clock, "now");
		throw new Error(`the clock of ${ALICE} broke`);
	};
	const refusal = await refusalOf(alice.client(KeyService).countKeyPackages({}));
	assert.equal(refusal.code, "INTERNAL");
	assert.equal(refusal.message, "");
	const told = JSON.parse(messenger.log.at(-1) ?? "{}");
	assert.equal(told.event, "failed");
	assert.equal(told.where, "/troth.v1.KeyService/CountKeyPackages");
	assert.match(told.error, /^Error: the clock of \+… broke$/);
	assert.equal(messenger.counters().get("refused{INTERNAL}"), 1);
	await alice.client(KeyService).countKeyPackages({});
});
