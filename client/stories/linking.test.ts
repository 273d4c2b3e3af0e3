/** Alice with a phone and a laptop, and Bob: linking, what follows between devices, removal, and who is not let in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "@troth/protocol";
import { Companion } from "./_companion.ts";
import { startWorld, until } from "./_people.ts";

test("alice links her laptop: it comes in to every chat, and both devices say the same", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const carla = await world.person("Carla");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const group = await alice.device.createGroup("Walks", [
		(await alice.device.find(bob.phone)).account,
		(await alice.device.find(carla.phone)).account,
	]);
	await alice.say(chat, "from the phone");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);

	const laptop = await Companion.link(alice, "Laptop");
	assert.equal((await laptop.device.self()).account, alice.account);
	assert.equal((await laptop.device.self()).name, "Alice");
	for (const id of [chat, group])
		await until(
			"the laptop is in",
			async () => (await laptop.device.conversation(id))?.members.length === (id === chat ? 2 : 3),
		);
	assert.equal((await laptop.device.conversation(group))?.title, "Walks");
	assert.equal((await laptop.device.conversation(chat))?.title, "Bob");

	await bob.say(chat, "to both");
	await until("the laptop has it", async () => (await laptop.texts(chat)).length === 1);
	await laptop.say(chat, "from the laptop");
	await laptop.say(group, "everybody?");
	await until("bob reads the laptop", async () => (await bob.texts(chat)).includes("Alice: from the laptop"));
	await until("carla reads the laptop", async () => (await carla.texts(group)).includes("Alice: everybody?"));
	await until("the phone has all of it", async () => (await alice.texts(chat)).includes("Alice: from the laptop"));
	assert.deepEqual(await alice.texts(chat), ["Alice: from the phone", "Bob: to both", "Alice: from the laptop"]);
	assert.deepEqual((await laptop.texts(chat)).slice(-2), ["Bob: to both", "Alice: from the laptop"]);
	assert.equal((await alice.device.conversation(chat))?.unread, 1, "only what bob wrote");
	for (const person of [alice, bob, carla, laptop])
		assert.deepEqual(
			(await person.rows(chat)).filter(
				({ body }) => body.kind === "gap" || body.kind === "unreadable" || body.kind === "forked",
			),
			[],
			person.name,
		);
	const devices = await alice.device.devices();
	assert.deepEqual(
		devices.map(({ own, name }) => [own, name]),
		[
			[true, "troth on Linux"],
			[false, "Laptop"],
		],
	);
	assert.deepEqual(
		(await alice.device.safetyNumber(bob.account)).digits,
		(await bob.device.safetyNumber(alice.account)).digits,
	);
	assert.deepEqual(
		(await laptop.device.safetyNumber(bob.account)).digits,
		(await bob.device.safetyNumber(alice.account)).digits,
	);
});

test("a code is good once, for ten minutes, and nothing is told before alice confirms", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const laptop = await Companion.begin(alice, "Laptop");
	await assert.rejects(alice.device.openLink("nonsense"), (error) => isRefusal(error, "MALFORMED"));
	const { link, name, kind } = await alice.device.openLink(laptop.invitation.code.toLowerCase().replaceAll("-", " "));
	assert.deepEqual([name, kind], ["Laptop", "computer"]);
	await alice.device.refuseLink(link);
	await assert.rejects(laptop.finish(), (error) => isRefusal(error, "FORBIDDEN"));
	await assert.rejects(alice.device.openLink(laptop.invitation.address), (error) => isRefusal(error, "NOT_FOUND"));

	const late = await Companion.begin(alice, "Late");
	const waits = late.finish();
	world.clock.advance(10 * 60 * 1000);
	await assert.rejects(waits, (error) => isRefusal(error, "NOT_FOUND"));
	await assert.rejects(alice.device.openLink(late.invitation.address), (error) => isRefusal(error, "NOT_FOUND"));
	assert.equal((await alice.device.devices()).length, 1);
});
