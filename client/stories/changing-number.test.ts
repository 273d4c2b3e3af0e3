/** Alice gets another number, and dave the one she had: what goes on, what is taken back, and what dave never sees. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal, LIMITS } from "@troth/protocol";
import { Middleman } from "./_lying.ts";
import { type Person, until } from "./_people.ts";
import { type SharingWorld, startSharingWorld } from "./_sharing.ts";

const OLD = "+15550106601";
const NEW = "+15550106602";
const FAR = "+15550106603";
const NOTICE = { control: "buttons", initiallyOn: false, place: "notice" } as const;
const YESES = ["friend_suggestions", "relevant_ads"];

let town: SharingWorld;
let alice: Person;
let bob: Person;
let chat: Awaited<ReturnType<Person["device"]["openDirect"]>>;
const network = new Middleman();

before(async () => {
	town = await startSharingWorld({ members: [OLD, NEW, FAR] });
	await town.publish("opt-in");
	alice = await town.world.person("Alice", { phone: OLD, ports: network.between });
	bob = await town.world.person("Bob");
	chat = await bob.device.openDirect((await bob.device.find(OLD)).account);
	await bob.say(chat, "hello");
	await alice.device.decide(
		YESES.map((purpose) => ({ purpose, granted: true })),
		NOTICE,
	);
	await holds(OLD);
});

after(async () => {
	await town[Symbol.asyncDispose]();
});

/** The door works until what the recipients hold is this number and no other. */
const holds = (phone: string | undefined) =>
	until(`the recipients hold ${phone ?? "nothing"}`, async () => {
		await town.door.tick();
		const held = [town.family, town.photos].flatMap(({ kept }) => [...kept.values()]);
		const numbers = held.map((values) => values["phone_number"]);
		return phone === undefined ? held.length === 0 : held.length === 3 && numbers.every((number) => number === phone);
	});

async function verify(person: Person, phone: string) {
	const { attempt } = await person.device.requestNumberCode(phone);
	const answer = await person.device.verifyNumberCode(attempt, town.world.code(phone));
	return { attempt, ...answer };
}

test("the code goes to the new number; a wrong one changes nothing, and asking again sends none", async () => {
	const { attempt, replacesAccount } = await alice.device.requestNumberCode(NEW);
	assert.equal(replacesAccount, undefined);
	assert.equal((await alice.device.requestNumberCode("+1 (555) 010-6602")).attempt, attempt);
	const wrong = town.world.code(NEW) === "000000" ? "000001" : "000000";
	await assert.rejects(alice.device.verifyNumberCode(attempt, wrong), (error) => isRefusal(error, "CODE_WRONG"));
	await assert.rejects(alice.device.changeNumber(attempt, "buttons"), (error) =>
		isRefusal(error, "REGISTRATION_TOKEN_INVALID"),
	);
	assert.equal((await alice.device.self()).phone, OLD);
});

test("an answer that got lost is fetched again: one change, one yes more per purpose, each with its receipt", async () => {
	const { attempt, replacesAccount } = await verify(alice, NEW);
	assert.equal(replacesAccount, false);
	network.deaf.add("ChangeNumber");
	await assert.rejects(alice.device.changeNumber(attempt, "buttons"), (error) => isRefusal(error, "UNAVAILABLE"));
	network.deaf.clear();
	await alice.close();
	await alice.comeBack();
	const again = await alice.device.requestNumberCode(NEW);
	assert.equal(again.attempt, attempt, "the change that is under way goes on");
	assert.deepEqual(await alice.device.changeNumber(attempt, "buttons"), {
		phone: NEW,
		renewed: YESES,
		ended: [],
		told: 0,
	});
	assert.equal((await alice.device.self()).phone, NEW);
	const { choices } = await alice.device.sharing();
	assert.deepEqual(
		choices.slice(0, 2).map(({ purpose, state, generation }) => [purpose, state, generation]),
		YESES.map((purpose) => [purpose, "granted", 2]),
	);
	const receipts = await alice.device.receipts();
	assert.equal(receipts.length, 2);
	assert.ok(receipts.every(({ recordedAtMs }) => recordedAtMs !== undefined));
});

test("everybody gives the old number back and gets the new one, in one chain that verifies on her device", async () => {
	await holds(NEW);
	const { shares, holes } = await alice.device.shares();
	assert.deepEqual(holes, []);
	assert.deepEqual(
		shares.flatMap(({ alarms }) => alarms),
		[],
	);
	const count = (kind: string, state: string) =>
		shares.filter((share) => share.kind === kind && share.state === state).length;
	assert.deepEqual(
		[count("share", "shared"), count("share", "acknowledged"), count("recall", "acknowledged")],
		[3, 3, 3],
	);
	for (const { recalledUpTo } of [town.family, town.photos])
		assert.deepEqual(new Set(recalledUpTo.values()), new Set([1]));
});

test("bob's conversation with her goes on, and he finds her by the new number", async () => {
	await bob.say(chat, "still you?");
	await until("alice has it", async () => (await alice.texts(chat)).includes("Bob: still you?"));
	await alice.say(chat, "still me");
	await until("bob has it", async () => (await bob.texts(chat)).includes("Alice: still me"));
	await assert.rejects(bob.device.find(OLD), (error) => isRefusal(error, "NOT_FOUND"));
	assert.equal((await bob.device.find(NEW)).account, alice.account);
	assert.equal(await bob.device.openDirect(alice.account), chat);
});

test("the old number rests for three days: nobody else gets it, and she could go back", async () => {
	await assert.rejects(town.world.person("Dave", { phone: OLD }), (error) => isRefusal(error, "NUMBER_RESTING"));
	const { backUntilMs = 0 } = await alice.device.numberRule();
	assert.ok(backUntilMs > town.clock.now() && backUntilMs <= town.clock.now() + LIMITS.numberRestsMs);
	town.clock.advance(LIMITS.numberRestsMs);
});

test("dave registers the old number, and inherits neither account, nor conversation, nor choice, nor share", async () => {
	const dave = await town.world.person("Dave", { phone: OLD });
	assert.notEqual(dave.account, alice.account);
	assert.deepEqual(await dave.device.conversations(), []);
	assert.ok(
		(await dave.device.sharing()).choices.every(({ state, generation }) => state === "unset" && generation === 0),
	);
	assert.deepEqual((await dave.device.shares()).shares, []);
	await dave.device.decide([{ purpose: "friend_suggestions", granted: true }], NOTICE);
	await until("dave's yes arrives", async () => {
		await town.door.tick();
		return (await dave.device.shares()).shares.filter(({ state }) => state === "shared").length === 2;
	});
	// Two people now, each under a name of their own at each recipient.
	assert.equal(new Set([...town.family.kept.keys()].map((key) => key.slice(0, 32))).size, 2);
	assert.equal((await bob.device.find(OLD)).account, dave.account);
	assert.notEqual(await bob.device.openDirect(dave.account), chat);
	await dave.device.deleteAccount();
	await dave.close();
	await holds(NEW);
});

test("a number that is somebody's here ends their account; what they had shared is called back", async () => {
	const carla = await town.world.person("Carla", { phone: FAR });
	await carla.device.decide([{ purpose: "relevant_ads", granted: true }], NOTICE);
	await until("carla's yes arrives", async () => {
		await town.door.tick();
		return town.family.taken.some(({ values }) => values["phone_number"] === FAR);
	});
	town.clock.advance(LIMITS.numberChangeWaitMs);
	const { attempt, replacesAccount } = await verify(alice, FAR);
	assert.ok(replacesAccount);
	await alice.device.decide([{ purpose: "friend_suggestions", granted: false }], NOTICE);
	assert.deepEqual(await alice.device.changeNumber(attempt, "buttons"), {
		phone: FAR,
		renewed: ["relevant_ads"],
		ended: [],
		told: 0,
	});
	await until("her device is told", async () => (await carla.device.connection()).state === "removed");
	await until("carla's is recalled, alice's is there", async () => {
		await town.door.tick();
		// Days went by, and are said of themselves: only what holds a number counts.
		const numbers = [...town.family.kept.values(), ...town.photos.kept.values()].map((held) => held["phone_number"]);
		assert.ok(numbers.every((number) => number !== OLD && number !== NEW));
		return numbers.filter((number) => number === FAR).length === 1;
	});
	assert.deepEqual(
		(await alice.device.shares()).shares.flatMap(({ alarms }) => alarms),
		[],
	);
});
