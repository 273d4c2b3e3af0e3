/** Connecting an account here with one on Troth, and what hangs on it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newTrother, type Trother } from "../_bridge.ts";
import { startTestFamily, type TestFamily, type TestPerson } from "../_fixture.ts";

const CARLA = "+15550100003";
const device = { device_type: "phone", os: "android", app_version: "0.1.0" };

const link = (family: TestFamily, trother: Trother, nonce: string, generation = 1) =>
	family.bridge.share(trother, {
		purpose: "account_linking",
		generation,
		values: { link_assertion: nonce, ...device },
	});

const isLinked = async (person: TestPerson) =>
	(await person.call<{ linkedAtMs: number | null }>("/api/connect")).linkedAtMs !== null;

test("a nonce connects once, within a quarter of an hour, and a repeated delivery hears the same answer", async () => {
	await using family = await startTestFamily();
	const { bridge } = family;
	const carla = await family.signUp("Carla");
	const trother = newTrother();
	const late = await carla.connect();
	family.clock.advance(15 * 60_000);
	assert.deepEqual(await bridge.deliver([await link(family, trother, late)]), ["dropped"]);
	const replaced = await carla.connect();
	const nonce = await carla.connect();
	assert.deepEqual(await bridge.deliver([await link(family, trother, replaced)]), ["dropped"]);
	assert.equal(await isLinked(carla), false);
	const item = await link(family, trother, nonce);
	assert.deepEqual(await bridge.deliver([item]), ["kept"]);
	assert.deepEqual(await bridge.deliver([item]), ["kept"]);
	assert.equal(await isLinked(carla), true);
	assert.deepEqual(await bridge.deliver([await link(family, newTrother(), nonce)]), ["dropped"]);
	assert.deepEqual(await bridge.deliver([await link(family, newTrother(), "ab".repeat(32))]), ["dropped"]);
	assert.match(await carla.page("/connect"), /Connected since 22 November 2026/);
});

test("what the device signed of itself can not be changed on the way", async () => {
	await using family = await startTestFamily();
	const carla = await family.signUp("Carla");
	const item = await link(family, newTrother(), await carla.connect());
	for (const [field, value] of [
		["os", "windows"],
		["link_assertion", "ab".repeat(32)],
	] as const) {
		const values = item.values.map((given) => (given.field === field ? { field, value } : given));
		assert.deepEqual(await family.bridge.deliver([{ ...item, values }]), ["refused: GRANT"]);
	}
	assert.equal(await isLinked(carla), false);
});

test("taking the link back takes back what came by it, and nothing that a proved number found", async () => {
	await using family = await startTestFamily({ features: { ads: true } });
	const { bridge } = family;
	const carla = await family.signUp("Carla");
	const trother = newTrother();
	const number = { phone_number: CARLA };
	const ads = () =>
		bridge.share(trother, { purpose: "relevant_ads", values: { ...number, device_type: "phone", os: "android" } });
	const friends = () => bridge.share(trother, { purpose: "friend_suggestions", values: number });
	const uses = async () => (await family.knows(CARLA)).items.map(({ purpose, field }) => `${purpose} ${field}`).sort();
	await bridge.deliver([await link(family, trother, await carla.connect()), await ads(), await friends()]);
	const all = [
		"friend_suggestions phone_number",
		"relevant_ads device_type",
		"relevant_ads os",
		"relevant_ads phone_number",
	];
	assert.deepEqual(await uses(), all);
	assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "account_linking")]), ["recalled"]);
	assert.deepEqual(await uses(), []);
	assert.equal(await isLinked(carla), false);

	// The same generation, after the link is made anew: not recalled itself, so it is taken.
	await carla.verify(CARLA);
	assert.deepEqual(await bridge.deliver([await friends()]), ["kept"]);
	assert.deepEqual(await bridge.deliver([await link(family, trother, await carla.connect(), 2), await ads()]), [
		"kept",
		"kept",
	]);
	assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "account_linking", 2)]), ["recalled"]);
	assert.deepEqual(await uses(), [
		"account phone_number",
		"friend_suggestions phone_number",
		"relevant_ads phone_number",
	]);
});

test("a match by number is no link: what names another number finds nobody by it (hazard 32)", async () => {
	await using family = await startTestFamily();
	const { bridge } = family;
	const carla = await family.signUp("Carla");
	await carla.verify(CARLA);
	const trother = newTrother();
	const share = (phone_number: string, generation: number) =>
		bridge.share(trother, { purpose: "friend_suggestions", generation, values: { phone_number } });
	assert.deepEqual(await bridge.deliver([await share(CARLA, 1)]), ["kept"]);
	const other = await bridge.share(trother, { purpose: "relevant_ads", values: { phone_number: "+15550100009" } });
	assert.deepEqual(await bridge.deliver([other]), ["dropped"]);
	assert.equal(await isLinked(carla), false);
	// Her number changed, and the newer yes names the new one: the old one goes although nobody has the new.
	assert.deepEqual(await bridge.deliver([await share("+15550100009", 2)]), ["dropped"]);
	assert.deepEqual(
		(await family.knows(CARLA)).items.map(({ source }) => source),
		["self"],
	);
});

test("one account there, one here", async () => {
	await using family = await startTestFamily();
	const { bridge } = family;
	const carla = await family.signUp("Carla");
	const dave = await family.signUp("Dave");
	const [first, second] = [newTrother(), newTrother()];
	const share = (trother: Trother) =>
		bridge.share(trother, { purpose: "friend_suggestions", values: { phone_number: CARLA } });
	await bridge.deliver([await link(family, first, await carla.connect()), await share(first)]);
	assert.deepEqual(await bridge.deliver([await link(family, second, await carla.connect())]), ["kept"]);
	assert.equal((await family.knows(CARLA)).known, false);
	assert.deepEqual(await bridge.deliver([await share(first)]), ["dropped"]);
	assert.deepEqual(await bridge.deliver([await link(family, second, await dave.connect(), 2)]), ["kept"]);
	assert.deepEqual([await isLinked(carla), await isLinked(dave)], [false, true]);
});

test("the link says whose account it leads to, to programs and to people", async () => {
	await using family = await startTestFamily({ messenger: { url: "https://troth.example" } });
	const carla = await family.signUp("Carla");
	const nonce = await carla.connect();
	const response = await fetch(`${family.url}/connect/${nonce}`, { headers: { accept: "application/json" } });
	assert.deepEqual(await response.json(), { recipient: "family", nonce, title: "Carla at Family" });
	assert.match(
		await carla.page(`/connect/${nonce}`),
		new RegExp(`troth link-family ${family.origin}/connect/${nonce}`),
	);
	assert.equal((await fetch(`${family.url}/connect/${"0".repeat(64)}`)).status, 404);
});
