/** Carla's yes and her no: what she signs, what is kept of it, and what the door is told. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { type ConsentTables, decide, factsOf, parsePolicy, phaseAt, readStanding } from "@troth/bridge";
import {
	AccountService,
	ConsentReceiptSchema,
	idBytes,
	LABELS,
	ServerService,
	ServicePhase,
	SharingService,
	TermsService,
	verifySigned,
} from "@troth/protocol";
import { subjectAt } from "@troth/transparency";
import { logIn, refusalOf, registerAccount, startTestMessenger, type TestMessenger } from "../_fixture.ts";
import { newDevice, newSigner, signDeviceList } from "../_identities.ts";
import type { OpenStores } from "../stores.ts";
import { DAY_MS, Decider, fileOf, newDecider, OPERATOR, publish } from "./_person.ts";

const CARLA = "+15550100003";
const BOB = "+15550100002";
const settings = { operatorToken: OPERATOR };

for (const stores of ["memory", "sqlite"] as const) {
	const story = (name: string, tell: (messenger: TestMessenger) => Promise<void>) =>
		test(`${name} (${stores})`, async () => {
			await using messenger = await startTestMessenger({ stores, settings });
			await publish(messenger, await fileOf("opt-in"));
			await tell(messenger);
		});

	story(
		"carla says yes, no and yes again; each answer is kept with a receipt that she can verify",
		async (messenger) => {
			const carla = await newDecider(messenger, CARLA);
			assert.equal(await carla.choice("friend_suggestions"), "UNSET 0");
			const request = await carla.decision({ friend_suggestions: true, relevant_ads: false });
			const { receipt, standing } = await carla.sharing.decidePurposes(request);
			assert.equal(standing?.phase, ServicePhase.ACTIVE);
			assert.equal(await carla.choice("friend_suggestions"), "GRANTED 1");
			assert.equal(await carla.choice("relevant_ads"), "REFUSED 0");
			assert.equal(await carla.choice("account_linking"), "UNSET 0");

			const { policyKey } = await messenger.client(ServerService).getServerInfo({});
			assert.ok(receipt !== undefined);
			assert.ok(verifySigned(policyKey, LABELS.consentReceipt, receipt));
			const told = fromBinary(ConsentReceiptSchema, receipt.statement);
			const digest = createHash("sha256")
				.update(request.decision?.statement ?? "")
				.digest();
			assert.deepEqual(Buffer.from(told.decisionHash), digest);
			assert.deepEqual(Buffer.from(told.eventId), digest.subarray(0, 16));

			messenger.clock.sleep(DAY_MS);
			await carla.login();
			await carla.decide({ friend_suggestions: false });
			assert.equal(await carla.choice("friend_suggestions"), "WITHDRAWN 1");
			await carla.decide({ friend_suggestions: true });
			assert.equal(await carla.choice("friend_suggestions"), "GRANTED 2");

			// The network repeats the very first request: the answer is the first one, and nothing moves.
			const again = await carla.sharing.decidePurposes(request);
			assert.deepEqual(again.receipt, receipt);
			assert.equal(await carla.choice("friend_suggestions"), "GRANTED 2");
		},
	);

	story("of two devices that decide at once one is told to look again, and a withdrawal wins", async (messenger) => {
		const carla = await newDecider(messenger, CARLA);
		const { person } = carla;
		const laptopDevice = newDevice();
		await person.client(AccountService).publishDeviceList({
			deviceList: signDeviceList(person.identity, person.account, 2, [person, laptopDevice], 0),
		});
		const token = await logIn(messenger, laptopDevice);
		const laptop = new Decider(messenger, person.account, laptopDevice, token, carla.consentKeys);
		const [fromPhone, fromLaptop] = [
			await carla.decision({ relevant_ads: true }),
			await laptop.decision({ relevant_ads: true }),
		];
		const outcomes = await Promise.allSettled([
			carla.sharing.decidePurposes(fromPhone),
			laptop.sharing.decidePurposes(fromLaptop),
		]);
		assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
		const refused = outcomes[0]?.status === "rejected" ? fromPhone : fromLaptop;
		const asked = refused === fromPhone ? carla : laptop;
		assert.equal((await refusalOf(asked.sharing.decidePurposes(refused))).code, "CONSENT_CONFLICT");

		const [yes, no] = [await carla.decision({ relevant_ads: true }), await laptop.decision({ relevant_ads: false })];
		await Promise.allSettled([carla.sharing.decidePurposes(yes), laptop.sharing.decidePurposes(no)]);
		await laptop.decide({ relevant_ads: false });
		assert.match(await carla.choice("relevant_ads"), /^WITHDRAWN/);
		messenger.clock.advance(1);
		assert.equal((await refusalOf(carla.sharing.decidePurposes(await stale(carla)))).code, "CONSENT_CONFLICT");
	});

	story("nobody decides for carla, and she decides nothing that she was not shown", async (messenger) => {
		const carla = await newDecider(messenger, CARLA);
		const bob = await newDecider(messenger, BOB);
		const codeOf = async (
			answers: Parameters<Decider["decision"]>[0],
			wrong: Parameters<Decider["decision"]>[1],
			by: Decider = carla,
		) => (await refusalOf(by.decide(answers, wrong))).code;
		const yes = { friend_suggestions: true };
		const { shareKey } = await bob.sharing.getStanding({});
		const wrong: readonly (readonly [string, Parameters<Decider["decision"]>[1]])[] = [
			["UNAUTHENTICATED", { signer: newSigner() }],
			["UNAUTHENTICATED", { signer: bob.device.signer }],
			["UNAUTHENTICATED", { change: { accountId: idBytes(bob.account) } }],
			["UNAUTHENTICATED", { change: { deviceId: idBytes(bob.device.device) } }],
			["TERMS_VERSION_UNKNOWN", { change: { policyHash: randomBytes(32) } }],
			["TERMS_VERSION_UNKNOWN", { change: { textHash: randomBytes(32) } }],
			["TERMS_VERSION_UNKNOWN", { change: { locale: "de" } }],
			["MALFORMED", { drop: 1 }],
			["MALFORMED", { drop: 2 }],
			["MALFORMED", { change: { grantHashes: [randomBytes(32), randomBytes(32)] } }],
			["MALFORMED", { change: { decisions: [] } }],
			["MALFORMED", { presentation: { initiallyOn: true } }],
			["MALFORMED", { grant: { recipient: "advertiser" } }],
			["MALFORMED", { grant: { recipient: "family" } }],
			["MALFORMED", { grant: { subject: subjectAt(shareKey, "family") } }],
			["MALFORMED", { grant: { purpose: "relevant_ads" } }],
			["MALFORMED", { grant: { purposeHash: randomBytes(32) } }],
			["MALFORMED", { grant: { generation: 2 } }],
			["MALFORMED", { grant: { decidedAtMs: 1n } }],
			["MALFORMED", { grant: { link: { nonce: randomBytes(16), deviceType: "phone", os: "x", appVersion: "1" } } }],
			["UNAUTHENTICATED", { grant: { consentKey: newSigner().publicKey } }],
			["UNAUTHENTICATED", { grant: { consentKey: randomBytes(31) } }],
		];
		for (const [code, how] of wrong) assert.equal(await codeOf(yes, how), code, JSON.stringify(Object.keys(how ?? {})));
		for (const link of [
			undefined,
			{ nonce: randomBytes(15), deviceType: "phone", os: "x", appVersion: "1" },
			{ nonce: randomBytes(16), deviceType: "", os: "x", appVersion: "1" },
			{ nonce: randomBytes(16), deviceType: "phone", os: "x".repeat(65), appVersion: "1" },
		])
			assert.equal(await codeOf({ account_linking: true }, { grant: { link } as never }), "MALFORMED");
		assert.equal(await codeOf({ contact_graph: true }, {}), "PURPOSE_UNKNOWN");
		assert.equal(await codeOf({ contact_graph: false }, {}), "PURPOSE_UNKNOWN");
		const stranger = messenger.client(SharingService).decidePurposes(await carla.decision(yes));
		assert.equal((await refusalOf(stranger)).code, "UNAUTHENTICATED");
		assert.equal((await refusalOf(bob.sharing.decidePurposes(await carla.decision(yes)))).code, "UNAUTHENTICATED");
		assert.equal(await carla.choice("friend_suggestions"), "UNSET 0");
		await carla.decide(yes);
		assert.equal(await carla.choice("friend_suggestions"), "GRANTED 1");
	});

	story("who has not accepted the version with the purpose can say no to it, and not yes", async (messenger) => {
		const carla = await newDecider(messenger, CARLA, { acceptTerms: false });
		assert.equal((await refusalOf(carla.decide({ relevant_ads: true }))).code, "TERMS_NOT_ACCEPTED");
		await carla.decide({ relevant_ads: false });
		assert.equal(await carla.choice("relevant_ads"), "REFUSED 0");
		await carla.accept();
		await carla.decide({ relevant_ads: true });
		assert.equal(await carla.choice("relevant_ads"), "GRANTED 1");
	});

	story("a yes to other words than those in force is none; a no is always one", async (messenger) => {
		const carla = await newDecider(messenger, CARLA);
		const prepared = await carla.decision({ relevant_ads: true });
		await carla.decide({ friend_suggestions: true });
		const file = structuredClone(await fileOf("opt-in", 3)) as {
			locales: { en: { documents: { body: string }[]; purposes: { relevant_ads: { title: string } } } };
		};
		file.locales.en.purposes.relevant_ads.title = "Ads that know you";
		const privacy = file.locales.en.documents[1];
		assert.ok(privacy !== undefined);
		privacy.body = privacy.body.replace("More relevant ads on Family", "Ads that know you");
		assert.equal((await publish(messenger, file)).status, 201);
		assert.equal((await refusalOf(carla.sharing.decidePurposes(prepared))).code, "PURPOSE_UNKNOWN");
		assert.equal((await refusalOf(carla.decide({ relevant_ads: true }))).code, "TERMS_NOT_ACCEPTED");
		// The words she was shown are version 2's, and it is a no: nothing else is asked of it.
		await carla.decide({ friend_suggestions: false }, { change: { version: 2 } });
		assert.equal(await carla.choice("friend_suggestions"), "WITHDRAWN 1");
		await carla.accept();
		await carla.decide({ relevant_ads: true });
		assert.equal(await carla.choice("relevant_ads"), "GRANTED 1");
	});

	story("the share key is the account's own, and stays", async (messenger) => {
		const [carla, bob] = [await newDecider(messenger, CARLA), await newDecider(messenger, BOB)];
		const first = (await carla.sharing.getStanding({})).shareKey;
		assert.equal(first.length, 32);
		assert.deepEqual((await carla.sharing.getStanding({})).shareKey, first);
		assert.notDeepEqual((await bob.sharing.getStanding({})).shareKey, first);
	});

	story("where nothing is shared, the list of shares is empty and no recipient is named", async (messenger) => {
		const carla = await newDecider(messenger, CARLA);
		assert.deepEqual((await carla.sharing.listShares({})).shares, []);
		const info = await messenger.client(ServerService).getServerInfo({});
		assert.deepEqual([info.logs, info.witnesses, info.recipients], [[], [], []]);
	});
}

/** A yes that names the first generation, whatever came since. */
async function stale(carla: Decider) {
	const { policy } = await carla.policy();
	const purposeHash = Buffer.from(policy.purposes.get("relevant_ads")?.hash ?? "", "hex");
	const decisions = [{ purpose: "relevant_ads", granted: true, purposeHash, generation: 1 }];
	return carla.decision({ relevant_ads: true }, { change: { decisions }, grant: { generation: 1 } });
}

test("what the door finds: rows in order, the values of live answers only, and evidence (sqlite)", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings });
	await publish(messenger, await fileOf("opt-in"));
	const carla = await newDecider(messenger, CARLA);
	const bob = await newDecider(messenger, BOB);
	await carla.decide({ friend_suggestions: true, relevant_ads: true });
	await carla.decide({ account_linking: true });
	await bob.decide({ relevant_ads: true });
	await bob.decide({ relevant_ads: false });
	await messenger.restart(async ({ records }) => {
		const outbox = await records.selectFrom("share_outbox").selectAll().orderBy("id").execute();
		assert.deepEqual(
			outbox.map((row) => [row.account_id === carla.account ? "carla" : "bob", row.kind, row.purpose, row.recipient]),
			[
				["carla", "share", "friend_suggestions", "family"],
				["carla", "share", "friend_suggestions", "photos"],
				["carla", "share", "relevant_ads", "family"],
				["carla", "share", "account_linking", "family"],
				["carla", "share", "friend_suggestions", "family"],
				["carla", "share", "relevant_ads", "family"],
				["bob", "share", "relevant_ads", "family"],
				["bob", "recall", "relevant_ads", "family"],
			],
		);
		const ads = await records.selectFrom("share_relevant_ads").selectAll().execute();
		assert.deepEqual(
			ads.map(({ purpose_hash: hash, ...row }) => [row, hash.length]),
			[
				[
					{
						...{ account_id: carla.account, generation: 1, phone_number: CARLA },
						...{ device_type: "phone", os: "TrothOS" },
					},
					32,
				],
			],
		);
		const friends = await records.selectFrom("share_friend_suggestions").selectAll().execute();
		assert.deepEqual(Object.keys(friends[0] ?? {}), ["account_id", "generation", "purpose_hash", "phone_number"]);
		const [link] = await records.selectFrom("share_account_linking").selectAll().execute();
		assert.equal(link?.link_assertion, Buffer.alloc(16, 7).toString("hex"));
		await wouldFlow(records, carla, "relevant_ads", true);
		await wouldFlow(records, bob, "relevant_ads", false);
		const evidence = await records.selectFrom("consent_event").selectAll().execute();
		assert.equal(evidence.length, 4);
		assert.equal((await records.selectFrom("consent_grant").selectAll().execute()).length, 5);
	});
});

/** Decides as the door does: from what is stored, with the policies that were published. */
async function wouldFlow(records: OpenStores["records"], { account }: Decider, purpose: string, expected: boolean) {
	const rows = await records.selectFrom("terms_version").selectAll().orderBy("version").execute();
	const policies = rows.map(({ policy }) => parsePolicy(policy));
	const current = policies.at(-1);
	assert.ok(current !== undefined);
	const standing = await readStanding(records, account);
	const nowMs = standing.timeMs;
	const decision = decide({
		...{ purpose, field: "phone_number", recipient: "family", current, nowMs },
		accepted: policies.find(({ version }) => version === standing.accepted?.version),
		acceptedAtMs: standing.accepted?.atMs,
		phase: phaseAt(standing, nowMs),
		choice: standing.choices.get(purpose),
		person: factsOf(standing.person),
	});
	assert.equal(decision.permit, expected);
}

test("whoever gets carla's number next inherits nothing, and what was shared about her is recalled (sqlite)", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings });
	await publish(messenger, await fileOf("opt-in"));
	const carla = await newDecider(messenger, CARLA);
	const { shareKey } = await carla.sharing.getStanding({});
	await carla.showNotice();
	await carla.decide({ friend_suggestions: true, relevant_ads: true, account_linking: true });
	await carla.decide({ relevant_ads: false });
	const mallory = await newDecider(messenger, CARLA);
	assert.notEqual(mallory.account, carla.account);
	assert.equal(await mallory.choice("friend_suggestions"), "UNSET 0");
	assert.notDeepEqual((await mallory.sharing.getStanding({})).shareKey, shareKey);
	await messenger.restart(async ({ records }) => {
		const recalls = await records.selectFrom("share_outbox").selectAll().where("kind", "=", "recall").execute();
		assert.deepEqual(recalls.map((row) => [row.account_id, row.purpose, row.recipient, row.generation]).sort(), [
			[carla.account, "account_linking", "family", 1],
			[carla.account, "friend_suggestions", "family", 1],
			[carla.account, "friend_suggestions", "photos", 1],
			[carla.account, "relevant_ads", "family", 1],
		]);
		const tables = ["standing", "share_key", "notice_displayed", "consent_choice", "consent_event", "consent_grant"];
		for (const table of [...tables, "device_facts"] as (keyof ConsentTables & "standing")[]) {
			const left = await records
				.selectFrom(table)
				.select("account_id")
				.where("account_id", "=", carla.account)
				.execute();
			assert.deepEqual(left, [], table);
		}
		assert.equal((await readStanding(records, carla.account)).closed, true);
	});
});

test("a door that does not answer is told as such, and decisions do not need it", async () => {
	const logs = [{ name: "shares", url: "https://shares.example", vkey: "shares+00000000+AA" }];
	const recipients = [{ id: "family", url: "https://family.example" }];
	const door = { url: "http://127.0.0.1:9", token: "secret" };
	const sharing = { door, logs, witnesses: ["witness+00000000+AA"], recipients };
	await using messenger = await startTestMessenger({ settings: { ...settings, sharing } });
	await publish(messenger, await fileOf("opt-in"));
	const carla = await newDecider(messenger, CARLA);
	assert.equal((await refusalOf(carla.sharing.listShares({}))).code, "UNAVAILABLE");
	await carla.decide({ relevant_ads: true });
	assert.equal(await carla.choice("relevant_ads"), "GRANTED 1");
	const info = await messenger.client(ServerService).getServerInfo({});
	assert.deepEqual(
		info.logs.map(({ name, url, vkey }) => ({ name, url, vkey })),
		logs,
	);
	assert.deepEqual(
		info.recipients.map(({ id, url }) => ({ id, url })),
		recipients,
	);
	assert.deepEqual(info.witnesses, sharing.witnesses);
	assert.ok(!messenger.log.join("\n").includes("secret"));
});

test("what a person chose stands in no log", async () => {
	await using messenger = await startTestMessenger({ settings });
	await publish(messenger, await fileOf("opt-in"));
	const carla = await newDecider(messenger, CARLA);
	await carla.decide({ friend_suggestions: true, relevant_ads: false });
	assert.equal(messenger.counters().get("purpose-decided{granted}"), 1);
	assert.doesNotMatch(messenger.log.join("\n"), /friend_suggestions|relevant_ads|granted/);
	await registerAccount(messenger, BOB);
	assert.equal((await messenger.client(TermsService).getTerms({})).current?.version, 2);
});

test("a repeated objection ends what a crash left of the first one", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings });
	await publish(messenger, await fileOf("opt-in"));
	const carla = await newDecider(messenger, CARLA);
	const request = await carla.decision({ usage_metrics: false });
	const { receipt } = await carla.sharing.decidePurposes(request);
	const usedDays = (records: OpenStores["records"]) => records.selectFrom("usage_days").selectAll().execute();
	// As if the server had died between the answer's transaction and the one that forgets.
	await messenger.restart(async ({ records }) => {
		const noted = { account_id: carla.account, last_used_day: 20_000, days: 1, due_day: 20_007 };
		await records.insertInto("usage_days").values(noted).execute();
	});
	await carla.login();
	assert.deepEqual((await carla.sharing.decidePurposes(request)).receipt, receipt);
	await messenger.restart(async ({ records }) => assert.deepEqual(await usedDays(records), []));
});
