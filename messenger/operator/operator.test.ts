/** The operator publishes terms: what is taken, what is not, and how everybody hears of it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { lintPolicy, readPolicyFile, shippedPolicyPath } from "@troth/bridge";
import {
	type DeviceId,
	EntryKind,
	LABELS,
	ServerService,
	signedBytes,
	TermsNoticePayloadSchema,
	TermsService,
} from "@troth/protocol";
import { verifyEd25519 } from "@troth/protocol/ed25519.ts";
import { refusalOf, startTestMessenger } from "../_fixture.ts";
import { TestClient } from "../delivery/_client.ts";
import { fileOf, newDecider, OPERATOR, OPT_IN, publish } from "../sharing/_person.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";
const settings = { operatorToken: OPERATOR };

async function overview(url: string, headers: Record<string, string> = { authorization: `Bearer ${OPERATOR}` }) {
	const response = await fetch(`${url}/operator/terms`, { headers });
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

for (const stores of ["memory", "sqlite"] as const)
	test(`the operator sees what lies ready, publishes it, and it is in force (${stores})`, async () => {
		await using messenger = await startTestMessenger({ stores, settings: { ...settings, nextPolicy: OPT_IN } });
		const { url, clock } = messenger;
		const before = await overview(url);
		const next = before.body["next"] as { version: number };
		assert.deepEqual(
			[before.status, (before.body["current"] as { version: number }).version, next.version],
			[200, 1, 2],
		);
		assert.deepEqual(await fileOf("opt-in"), next, "the file as it is, so that it can be posted as it is");
		clock.advance(5000);
		assert.deepEqual(await publish(messenger, next), { status: 201, body: { version: 2, publishedAt: clock.now() } });
		const after = await overview(url);
		assert.equal(after.body["next"], null);
		assert.deepEqual(after.body["current"], next);
		assert.deepEqual(
			(after.body["versions"] as { version: number; publishedAt: number }[]).map((one) => [
				one.version,
				one.publishedAt,
			]),
			[
				[1, clock.now() - 5000],
				[2, clock.now()],
			],
		);
		// Whoever asks gets it at once, with a signature, and the older one still.
		const terms = messenger.client(TermsService);
		const { current } = await terms.getTerms({ locale: "en" });
		const { policyKey } = await messenger.client(ServerService).getServerInfo({});
		const policy = await readPolicyFile(OPT_IN);
		assert.ok(current !== undefined);
		assert.equal(current.version, 2);
		assert.deepEqual(Buffer.from(current.policyHash), policy.hash);
		assert.equal(new TextDecoder().decode(current.policy), policy.canonical);
		assert.ok(verifyEd25519(policyKey, signedBytes(LABELS.policy, current.policy), current.policySignature));
		assert.equal((await terms.getTerms({ version: 1 })).current?.version, 1);
		assert.equal((await refusalOf(terms.getTerms({ version: 3 }))).code, "TERMS_VERSION_UNKNOWN");
		if (stores === "memory") return;
		await messenger.restart();
		assert.deepEqual(
			await terms.getTerms({ locale: "en" }).then((answer) => answer.current?.policySignature),
			current.policySignature,
		);
		assert.deepEqual((await overview(url)).body, after.body);
	});

test("a version that exists, or a bad one, changes nothing and says why", async () => {
	await using messenger = await startTestMessenger({ settings });
	const good = await fileOf("opt-in");
	assert.equal((await publish(messenger, { ...good, version: 1 })).status, 409);
	assert.equal((await publish(messenger, good)).status, 201);
	assert.equal((await publish(messenger, good)).status, 409);
	const [first, ...others] = good["purposes"] as { id: string }[];
	const ticked = { ...good, version: 3, purposes: [{ ...first, initial: "on" }, ...others] };
	const answer = await publish(messenger, ticked);
	assert.equal(answer.status, 422);
	assert.deepEqual(answer.body["findings"], lintPolicy(ticked as never));
	const codesOf = async (file: unknown) => {
		const { status, body } = await publish(messenger, file);
		return [status, ...(body["findings"] as { code: string }[]).map(({ code }) => code)];
	};
	assert.deepEqual(await codesOf({ version: 3 }), [422, "NOT_A_POLICY"]);
	assert.deepEqual(await codesOf([]), [422, "NOT_A_POLICY"]);
	assert.deepEqual(await codesOf(null), [422, "NOT_A_POLICY"]);
	// Version 3 takes a purpose back; version 4 may not bring it back in the old words.
	const v1 = JSON.parse(await readFile(shippedPolicyPath("v1"), "utf8"));
	assert.equal((await publish(messenger, { ...v1, version: 3 })).status, 201);
	const revived = (good["purposes"] as unknown[]).map(() => "PURPOSE_REVIVED");
	assert.deepEqual(await codesOf({ ...good, version: 4 }), [422, ...revived]);
	assert.equal((await messenger.client(TermsService).getTerms({})).current?.version, 3);
});

test("two who publish at once publish one", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings });
	const file = await fileOf("opt-in");
	const answers = await Promise.all([publish(messenger, file), publish(messenger, file)]);
	assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
});

test("nobody else publishes, and without a token there is nothing there", async () => {
	await using messenger = await startTestMessenger({ settings });
	const file = await fileOf("opt-in");
	for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: OPERATOR }] as Record<
		string,
		string
	>[])
		assert.equal((await overview(messenger.url, headers)).status, 401);
	assert.equal((await publish(messenger, file, "wrong")).status, 401);
	const alice = await newDecider(messenger, ALICE);
	assert.equal((await publish(messenger, file, alice.token)).status, 401);
	assert.equal((await messenger.client(TermsService).getTerms({})).current?.version, 1);
	assert.ok(!messenger.log.join("\n").includes(OPERATOR));

	await using closed = await startTestMessenger();
	assert.equal((await overview(closed.url)).status, 404);
	assert.equal((await publish(closed, file)).status, 404);
});

test("every device hears of a version, also those that come later, and who accepted the old one is served on", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings });
	const [alice, bob] = [await newDecider(messenger, ALICE), await newDecider(messenger, BOB)];
	const phone = await TestClient.attach(messenger.url, alice.device);
	await publish(messenger, await fileOf("opt-in"));
	const [notice] = await phone.entriesOf(alice.device.device, 1);
	assert.equal(notice?.kind, EntryKind.TERMS_NOTICE);
	assert.equal(fromBinary(TermsNoticePayloadSchema, notice?.payload ?? new Uint8Array()).version, 2);
	const later = await TestClient.attach(messenger.url, bob.device);
	await later.entriesOf(bob.device.device, 1);
	phone.send("00".repeat(16) as DeviceId, 1, new Uint8Array(1));
	assert.equal((await phone.next("sendRefused")).error?.message, "this device is not in the conversation");
});
