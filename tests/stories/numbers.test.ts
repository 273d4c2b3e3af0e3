/**
 * Numbers change hands, with the parent as it is. Erin and carla have accounts there without a number, linked from their
 * own devices. Erin gets another number; carla's is registered by dave. The parent gives up what it had, to the last byte.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Person } from "../../client/stories/_people.ts";
import { type Member, type ParentWorld, startParentWorld } from "./_parent.ts";

const ERIN = "+15550108401";
const ERINS_NEXT = "+15550108402";
const CARLA = "+15550108403";
const NOTICE = { control: "buttons", initiallyOn: false, place: "notice" } as const;
const YESES = ["friend_suggestions", "relevant_ads"];
const HELD = [
	"friend_suggestions phone_number",
	"relevant_ads device_type",
	"relevant_ads os",
	"relevant_ads phone_number",
];

let world: ParentWorld;
let erin: Person;
let carla: Person;
const accounts = new Map<Person, Member>();

before(async () => {
	world = await startParentWorld();
	await world.publish("opt-in");
	erin = await world.world.person("Erin", { phone: ERIN });
	carla = await world.world.person("Carla", { phone: CARLA });
	for (const person of [erin, carla]) {
		const member = await world.family.signUp(person.name);
		accounts.set(person, member);
		await person.device.linkRecipient((await member.connect()).nonce, "family");
		await person.device.decide(
			YESES.map((purpose) => ({ purpose, granted: true })),
			NOTICE,
		);
	}
	await settle();
});

after(async () => {
	await world?.[Symbol.asyncDispose]();
});

/** The door does all there is to do now. */
async function settle(): Promise<void> {
	for (let n = 0; n < 3; n++) {
		world.clock.advance(2_000);
		await world.door.tick();
	}
}

const isLinked = async (person: Person) => (await accounts.get(person)?.get("/connect"))?.["linkedAtMs"] !== null;

test("both said yes: the parent has their numbers at accounts that never gave one", async () => {
	for (const phone of [ERIN, CARLA]) assert.deepEqual(await world.family.holds(phone), HELD);
	// The second company knows nobody by these numbers, and kept nothing.
	for (const phone of [ERIN, CARLA]) assert.deepEqual(await world.photos.traces(phone), []);
	assert.ok((await world.family.traces(ERIN)).length > 0, "the search finds what is there");
});

test("erin changes her number: the old one is gone at the parent to the last byte, the new one is there, linked as before", async () => {
	const { attempt } = await erin.device.requestNumberCode(ERINS_NEXT);
	await erin.device.verifyNumberCode(attempt, world.world.code(ERINS_NEXT));
	const changed = await erin.device.changeNumber(attempt, "buttons");
	assert.deepEqual([changed.renewed, changed.ended], [YESES, []]);
	await settle();
	assert.deepEqual(await world.family.holds(ERINS_NEXT), HELD);
	assert.deepEqual(await world.family.holds(ERIN), []);
	assert.deepEqual(await world.family.traces(ERIN), []);
	assert.ok(await isLinked(erin));
	const { shares, holes } = await erin.device.shares();
	assert.deepEqual([shares.flatMap(({ alarms }) => alarms), holes], [[], []]);
	const recalls = shares.filter(({ kind }) => kind === "recall");
	assert.ok(recalls.length >= 2 && recalls.every(({ state }) => state === "acknowledged"));
});

test("dave registers carla's number while she is away: what she shared is recalled, and none of it becomes his", async () => {
	const bob = await world.world.person("Bob");
	const chat = await bob.device.openDirect((await bob.device.find(CARLA)).account);
	await bob.say(chat, "are you there?");
	await carla.close();
	const dave = await world.world.person("Dave", { phone: CARLA });
	await settle();
	assert.deepEqual(await world.family.holds(CARLA), []);
	assert.deepEqual(await world.family.traces(CARLA), []);
	assert.equal(await isLinked(carla), false);
	assert.deepEqual(await dave.device.conversations(), []);
	assert.deepEqual((await dave.device.shares()).shares, []);
	assert.ok((await dave.device.sharing()).choices.every(({ state }) => state === "unset"));
	// Her device learns that it is no one's any more, and can not fetch what was meant for her.
	await carla.open();
	await assert.rejects(carla.device.caughtUp());
	assert.equal((await carla.device.connection()).state, "removed");
	// A new yes of his is his own: another subject, from the first generation.
	await dave.device.decide([{ purpose: "relevant_ads", granted: true }], NOTICE);
	await settle();
	const [first] = (await dave.device.shares()).shares.filter(({ purpose }) => purpose === "relevant_ads");
	assert.deepEqual([first?.generation, first?.state, first?.alarms], [1, "dropped", []]);
	assert.deepEqual(await world.family.traces(CARLA), []);
});
