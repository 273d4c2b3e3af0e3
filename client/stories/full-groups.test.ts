/** Groups that are full: a linked device that finds no room, and comes in when there is some. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal, LIMITS } from "@troth/protocol";
import { Companion } from "./_companion.ts";
import { type Person, startWorld, until } from "./_people.ts";

type Group = Parameters<Person["say"]>[0];

/** The server and all devices here share the number. */
function groupsOf(leaves: number): Disposable {
	const limits: { groupLeaves: number } = LIMITS;
	const before = limits.groupLeaves;
	limits.groupLeaves = leaves;
	return { [Symbol.dispose]: () => (limits.groupLeaves = before) };
}

/** Alice, Bob and Carla in a group of Bob's that is full with them, and Alice's laptop, for which there is no room. */
async function fullGroup() {
	const world = await startWorld();
	const [alice, bob, carla] = [await world.person("Alice"), await world.person("Bob"), await world.person("Carla")];
	const group: Group = await bob.device.createGroup("Walks", [
		(await bob.device.find(alice.phone)).account,
		(await bob.device.find(carla.phone)).account,
	]);
	for (const person of [alice, carla])
		await until(`${person.name} is in`, async () => (await person.device.conversation(group))?.title === "Walks");
	await alice.say(group, "before");
	const laptop = await Companion.link(alice, "Laptop");
	await until("there is no room", async () => (await laptop.device.conversation(group))?.joining === "full");
	return { world, alice, bob, carla, group, laptop };
}

test("alice's laptop finds a full group: it shows what was said before, takes nothing to send, and comes in when somebody goes", async () => {
	using _ = groupsOf(3);
	const { world, alice, bob, carla, group, laptop } = await fullGroup();
	await using _world = world;
	assert.equal((await laptop.device.conversation(group))?.title, "Walks");
	await until("it has the history", async () => (await laptop.texts(group)).includes("Alice: before"));
	await assert.rejects(laptop.device.send(group, "from the laptop"), (error) => isRefusal(error, "GROUP_FULL"));
	await bob.say(group, "Is everybody here?");
	await alice.say(group, "Not my laptop");

	await bob.device.removeMembers(group, [carla.account]);
	await until("the laptop is in", async () => (await laptop.device.conversation(group))?.members.length === 2);
	assert.equal((await laptop.device.conversation(group))?.joining, undefined);
	await laptop.say(group, "Now it is");
	await until("bob reads it", async () => (await bob.texts(group)).includes("Alice: Now it is"));
	await bob.say(group, "Hello, laptop");
	await until("and it reads on", async () => (await laptop.texts(group)).includes("Bob: Hello, laptop"));
});

test("alice loses the phone before there was room for her laptop: the next who writes lets it in, in the phone's place", async () => {
	using _ = groupsOf(3);
	const { world, alice, bob, carla, group, laptop } = await fullGroup();
	await using _world = world;
	await laptop.device.removeDevice(alice.self?.device ?? assert.fail());
	await until("the phone is out", async () => (await alice.device.connection()).state === "removed");
	await carla.say(group, "Where is Alice?");
	await until("the laptop is in", async () => (await laptop.device.conversation(group))?.members.length === 3);
	await laptop.say(group, "Here, my phone is gone");
	await until("bob reads her", async () => (await bob.texts(group)).includes("Alice: Here, my phone is gone"));
	assert.deepEqual(
		(await bob.device.conversation(group))?.members.map(({ devices }) => devices.length),
		[1, 1, 1],
	);
});
