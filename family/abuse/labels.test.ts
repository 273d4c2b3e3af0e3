/** What the messenger tells of numbers finds the people who verified them, limits them visibly, and goes again. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type PolicyFile, toHex } from "@troth/protocol";
import { numberPseudonym } from "@troth/transparency";
import { newTrother, POLICY, type TestWord } from "../_bridge.ts";
import { CallRefused, startTestFamily, type TestFamily, type TestPerson } from "../_fixture.ts";

const DAY_MS = 24 * 3600 * 1000;
const KEY = new Uint8Array(32).fill(3);
const MALLORY = "+15550100009";
const BOB = "+15550100002";
const NOBODY = "+15550100077";

const interest = { basis: "legitimate_interest", retentionDays: 30, initial: "off", objection: true } as const;
const words = { title: "A title", body: "A body" };
const WITH_ABUSE: PolicyFile = {
	...POLICY,
	purposes: [
		...POLICY.purposes,
		{ ...interest, id: "spam_and_abuse", fields: ["label", "score_class"], recipients: ["family"] },
		{ ...interest, id: "security", fields: ["label", "case_id"], recipients: ["family"] },
	],
	locales: {
		en: {
			summary: ["Short."],
			documents: [],
			purposes: { ...POLICY.locales["en"]?.purposes, spam_and_abuse: words, security: words },
		},
	},
};

let family: TestFamily;
let mallory: TestPerson;
let bob: TestPerson;

before(async () => {
	family = await startTestFamily({ stores: "sqlite", abusePseudonymKey: KEY });
	mallory = await family.signUp("Mallory");
	bob = await family.signUp("Bob");
	await bob.verify(BOB);
});
after(() => family[Symbol.asyncDispose]());

const named = (phone: string) => toHex(numberPseudonym(KEY, phone));

async function tell(phone: string, word: Partial<TestWord> = {}): Promise<readonly string[]> {
	const { bridge } = family;
	const item = await bridge.say(newTrother(), {
		...{ purpose: "spam_and_abuse", subject: named(phone), generation: family.clock.now(), policy: WITH_ABUSE },
		...(word.kind !== "recall" && { values: { label: "bulk_messages", score_class: "high" } }),
		...word,
	});
	return bridge.deliver([item], [bridge.policy(WITH_ABUSE)]);
}

interface Listed {
	readonly told: readonly { readonly label: string; readonly person: string | null }[];
	readonly own: readonly object[];
}

async function listed(): Promise<Listed> {
	return family.call("/operator/labels", undefined, "operator-token");
}

async function limitedOf(person: TestPerson): Promise<readonly string[]> {
	const { labels } = await person.call<{ labels: readonly { label: string; by: string }[] }>("/api/about-me");
	return labels.map(({ label, by }) => `${label} by ${by}`);
}

test("a label waits for its number: who verifies it is limited, and told why and where to object", async () => {
	assert.deepEqual(await tell(MALLORY), ["kept"]);
	assert.deepEqual(await limitedOf(mallory), []);
	assert.deepEqual(
		(await family.knows(MALLORY)).items.map(({ purpose, field, value }) => [purpose, field, value]),
		[["spam_and_abuse", "label", "bulk_messages"]],
	);
	assert.deepEqual(
		(await listed()).told.map(({ label, person }) => [label, person]),
		[["bulk_messages", null]],
	);
	await mallory.verify(MALLORY);
	assert.deepEqual(await limitedOf(mallory), ["bulk_messages by messenger"]);
	assert.deepEqual(await limitedOf(bob), []);
	const page = await mallory.page("/about-me");
	for (const said of ["Your messenger's operator told us", "messages to many people", "privacy@family.example"])
		assert.ok(page.includes(said), said);
	assert.ok(!page.includes(MALLORY.slice(2)));
	await mallory.call("/api/friends/request", { email: bob.email });
	const refused = await mallory.call("/api/friends/request", { email: bob.email }).catch((error: unknown) => error);
	assert.ok(refused instanceof CallRefused && refused.code === "LIMITED");
	for (const text of ["one", "two"]) await mallory.call("/api/posts", { text });
	await assert.rejects(mallory.call("/api/posts", { text: "three" }), CallRefused);
	family.clock.sleep(DAY_MS);
	const again = await family.call<{ token: string }>("/api/log-in", {
		email: mallory.email,
		password: "correct horse battery",
	});
	await family.call("/api/posts", { text: "a day later" }, again.token);
});

test("what is not of the vocabulary is refused, whoever signed it", async () => {
	for (const values of [
		{ label: "call +15550100009", score_class: "high" },
		{ label: "phishing", score_class: "high" },
		{ label: "bulk_messages", score_class: "0.93" },
	])
		assert.deepEqual(await tell(NOBODY, { values }), ["refused: VALUE"], JSON.stringify(values));
	assert.deepEqual(
		await tell(NOBODY, { purpose: "security", values: { label: "phishing", case_id: "+15550100009" } }),
		["refused: VALUE"],
	);
	assert.deepEqual(await tell(NOBODY, { purpose: "security", values: { label: "phishing", case_id: "CASE-1" } }), [
		"kept",
	]);
});

test("another number, another person: a label stays with the number, and not with who had it", async () => {
	const heir = await family.signUp("Heir");
	await heir.verify(MALLORY);
	assert.deepEqual(await limitedOf(heir), ["bulk_messages by messenger"]);
	assert.deepEqual(await limitedOf(mallory), []);
});

test("a recall ends it, and time does where nobody recalls it", async () => {
	assert.deepEqual(await tell(MALLORY, { kind: "recall" }), ["recalled"]);
	assert.deepEqual(
		(await listed()).told.map(({ label }) => label),
		["phishing"],
	);
	family.clock.sleep(31 * DAY_MS);
	// Housekeeping is a job of its own; asking again and again is how one sees that it ran.
	for (let looks = 0; looks < 200 && (await listed()).told.length > 0; looks++) family.clock.advance(10 * 60 * 1000);
	assert.deepEqual((await listed()).told, []);
});

test("the company's own label is for the bridge to read, with its leaf, while the person has a number here", async () => {
	const own = { email: bob.email, label: "scam", scoreClass: "low", days: 3 };
	await family.call("/operator/labels", own, "operator-token");
	const first = await family.bridge.labels();
	assert.deepEqual(
		first.labels.map(({ subject, label, proved }) => [subject, label, proved]),
		[[named(BOB), "scam", true]],
	);
	assert.equal((await family.bridge.labels(first.version)).labels.length, 0, "nothing new");
	const heir = await family.signUp("Next");
	await heir.verify(BOB);
	const later = await family.bridge.labels(first.version);
	assert.notEqual(later.version, first.version);
	assert.deepEqual(later.labels, [], "the number is another's now, and the label is about a person");
	await assert.rejects(family.call("/operator/labels", own, "not the token"), CallRefused);
});
