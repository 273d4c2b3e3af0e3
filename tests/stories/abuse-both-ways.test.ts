/**
 * Mallory sends to everybody. The messenger limits him and tells the parent, which limits him too; the parent labels him,
 * and the messenger hears of it. Each is seen by him, ends when it is lifted, and leaves nothing; no number crosses.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal, LIMITS } from "@troth/protocol";
import type { Person } from "../../client/stories/_people.ts";
import { type Relative, type Services, startServices } from "./_services.ts";
import { tracesBelow, tracesIn } from "./_traces.ts";

const PHONE = "+15550107009";
const NEW_PHONE = "+15550107019";
const SPAM = { phone: PHONE, purpose: "spam_and_abuse", label: "bulk_messages", scoreClass: "high", days: 30 };

let town: Services;
let mallory: Person;
let there: Relative;
let stranger: Relative;
const people: Person[] = [];

before(async () => {
	town = await startServices();
	mallory = await town.world.person("Mallory", { phone: PHONE });
	for (const name of ["Alice", "Bob", "Carla", "Dora"]) people.push(await town.world.person(name));
	there = await town.signUp("Mallory", PHONE);
	stranger = await town.signUp("Stranger", "+15550107010");
});

after(() => town[Symbol.asyncDispose]());

/** Labels that the parent was told, and at whom of its people they arrived. */
async function told(): Promise<readonly { readonly label: string; readonly person: string | null }[]> {
	const { body } = await town.operate("family", "labels");
	return body["told"] as { label: string; person: string | null }[];
}

/** Posts until the parent has enough of it. */
async function posts(relative: Relative, most: number): Promise<number> {
	for (let done = 0; done < most; done++) {
		const { status } = await relative.call("/api/posts", { text: "Buy now" });
		if (status === 429) return done;
	}
	return most;
}

/** Begins conversations with as many as it can; how many that were. */
async function begins(person: Person, others: readonly Person[]): Promise<number> {
	let begun = 0;
	for (const other of others) {
		try {
			await person.device.openDirect(other.account);
			begun++;
		} catch (error) {
			assert.ok(isRefusal(error, "RATE_LIMITED"), String(error));
			assert.ok((error.fields.retryAtMs ?? 0) > town.clock.now());
		}
	}
	return begun;
}

const limits = async () =>
	(await mallory.device.limits()).map(({ toldBy, label }) => `${toldBy ?? "operator"} ${label}`);

test("before anybody acts he writes and posts as much as he likes", async () => {
	assert.deepEqual(await limits(), []);
	assert.equal(await posts(there, 3), 3);
});

test("the messenger limits him: few new people here, few posts at the parent, and both tell him why", async () => {
	assert.equal((await town.operate("messenger", "actions", SPAM)).status, 201);
	await town.later("the parent is told", async () => (await told()).length > 0);
	assert.deepEqual(
		(await told()).map(({ label, person }) => [label, person]),
		[["bulk_messages", there.person]],
	);
	assert.equal(await posts(there, 10), 0, "three a day were too many already");
	assert.equal(await posts(stranger, 10), 10, "nobody else is limited");
	const { body } = await there.call("/api/about-me");
	const [label] = body["labels"] as { label: string; by: string; contact: string }[];
	assert.deepEqual([label?.label, label?.by, label?.contact], ["bulk_messages", "messenger", "privacy@family.example"]);

	assert.deepEqual(await limits(), ["operator bulk_messages"]);
	assert.equal(await begins(mallory, people.slice(0, 3)), LIMITS.limitedPeoplePerHour);
	const [alice] = people;
	assert.ok(alice !== undefined);
	assert.equal(await begins(alice, people.slice(1)), 3);
});

test("it stands in his own list of shares, with its proof, and raises no alarm", async () => {
	const { shares } = await mallory.device.shares();
	assert.deepEqual(
		shares.map(({ purpose, fields, state, alarms }) => [purpose, fields, state, alarms]),
		[["spam_and_abuse", ["label", "score_class"], "shared", []]],
	);
});

test("what crossed is a name and closed words: no number, no account, in no form", async () => {
	const markers = [PHONE, PHONE.slice(1), mallory.account, Buffer.from(mallory.account, "hex")];
	const bytes = town.crossed.bytes();
	assert.ok(bytes.includes("/troth.v1.IntakeService/Deliver"), "the capture saw the delivery");
	assert.deepEqual(tracesIn("between door and parent", bytes, markers), []);
	assert.deepEqual(tracesBelow(town.directories.family, markers), []);
	assert.ok(tracesBelow(town.directories.family, ["bulk_messages"]).length > 0, "the label is there, in words");
});

test("he objects: the parent forgets it until the operator has looked; then it stands again", async () => {
	const [limit] = await mallory.device.objectTo("spam_and_abuse");
	assert.equal(limit?.objectedAtMs, town.clock.now());
	assert.deepEqual(await limits(), ["operator bulk_messages"], "the limit here stays meanwhile");
	await town.later("the parent has forgotten", async () => (await told()).length === 0);
	assert.deepEqual(tracesBelow(town.directories.family, ["bulk_messages"]), []);
	await town.operate("messenger", "actions/keep", { phone: PHONE, purpose: "spam_and_abuse" });
	await town.later("the parent is told again", async () => (await told()).length === 1);
});

test("lifted: he is free in both, and no byte of the label is left at the parent", async () => {
	await town.operate("messenger", "actions/lift", { phone: PHONE, purpose: "spam_and_abuse" });
	assert.deepEqual(await limits(), []);
	await town.later("the parent has forgotten", async () => (await told()).length === 0);
	assert.deepEqual(tracesBelow(town.directories.family, ["bulk_messages"]), []);
	assert.equal(await posts(there, 5), 5);
	assert.equal(await begins(mallory, people.slice(2, 3)), 1);
});

test("the parent labels him: the messenger hears of it through its own door, and limits him visibly", async () => {
	const label = { email: there.email, label: "fake_account", scoreClass: "medium", days: 7 };
	assert.equal((await town.operate("family", "labels", label)).status, 200);
	await town.later("the label has come back", async () => (await limits()).length > 0);
	const [limit] = await mallory.device.limits();
	assert.deepEqual(
		[limit?.toldBy, limit?.label, limit?.contact, limit?.canObject],
		["family", "fake_account", "privacy@family.example", false],
	);
	assert.equal(await begins(mallory, people.slice(3)), 0, "the hour's two are used up");
	for (const person of people) assert.deepEqual(await person.device.limits(), []);
	assert.deepEqual(await told(), [], "what the parent said is not told to the parent");
	const markers = [PHONE, mallory.account, Buffer.from(mallory.account, "hex")];
	assert.deepEqual(tracesIn("between door and parent", town.crossed.bytes(), markers), []);
	for (const place of ["door", "messenger"] as const)
		assert.ok(tracesBelow(town.directories[place], ["fake_account"]).length > 0, place);
});

test("lifted there: he is free here, and no byte of it is left anywhere", async () => {
	await town.operate("family", "labels/lift", { email: there.email });
	await town.later("the label is gone", async () => (await limits()).length === 0);
	for (const [place, directory] of Object.entries(town.directories))
		assert.deepEqual(tracesBelow(directory, ["fake_account"]), [], place);
});

test("with another number the label follows: the parent's account of the old one is free", async () => {
	await town.operate("messenger", "actions", SPAM);
	await town.later("the parent is told", async () => (await told()).some(({ person }) => person === there.person));
	const { attempt } = await mallory.device.requestNumberCode(NEW_PHONE);
	await mallory.device.verifyNumberCode(attempt, town.world.code(NEW_PHONE));
	await mallory.device.changeNumber(attempt, "buttons");
	assert.deepEqual(await limits(), ["operator bulk_messages"]);
	await town.later("the label has moved", async () => (await told()).every(({ person }) => person !== there.person));
	await town.later("there is one again", async () => (await told()).length === 1);
	const heir = await town.signUp("Heir", NEW_PHONE);
	assert.deepEqual(
		(await told()).map(({ person }) => person),
		[heir.person],
	);
});

test("who leaves while limited is recalled, and comes back limited", async () => {
	await mallory.device.deleteAccount();
	await mallory.close();
	await town.later("the parent has forgotten", async () => (await told()).length === 0);
	const again = await town.world.person("Mallory", { phone: NEW_PHONE });
	assert.deepEqual(
		(await again.device.limits()).map(({ label }) => label),
		["bulk_messages"],
	);
	await town.later("the parent is told again", async () => (await told()).length === 1);
});
