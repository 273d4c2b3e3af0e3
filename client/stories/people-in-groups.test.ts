/** What accepting a changed key or a new account means for the groups one has in common with somebody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "@troth/protocol";
import type { MessageView } from "../device/api.ts";
import { Companion } from "./_companion.ts";
import { Middleman } from "./_lying.ts";
import { type Person, startWorld, until } from "./_people.ts";

type Group = Parameters<Person["say"]>[0];

const changes = (rows: readonly MessageView[]) =>
	rows.flatMap(({ body }) => (body.kind === "keys-changed" ? [body.what] : []));
const isIn = (person: Person, group: Group) =>
	until(`${person.name} is in`, async () => (await person.device.conversation(group))?.title || undefined);
const accountsIn = async (person: Person, group: Group) =>
	new Set((await person.device.conversation(group))?.members.map(({ account }) => account));

test("bob registers anew and alice accepts it: he is in her groups again, and where only carla may add him alice is told", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const [bob, carla] = [await world.person("Bob"), await world.person("Carla")];
	await alice.device.find(bob.phone);
	await carla.device.find(bob.phone);
	const walks = await alice.device.createGroup("Walks", [bob.account, (await alice.device.find(carla.phone)).account]);
	const choir = await carla.device.createGroup("Choir", [bob.account, alice.account]);
	const chess = await alice.device.createGroup("Chess", [bob.account, carla.account]);
	for (const person of [bob, carla]) for (const group of [walks, chess]) await isIn(person, group);
	for (const person of [bob, alice]) await isIn(person, choir);
	await bob.device.leave(chess);
	await alice.say(chess, "Bob does not play any more");

	const again = await world.person("Bob", { phone: bob.phone });
	await until("the old device ends", async () => (await bob.device.connection()).state === "removed");
	await alice.device.find(bob.phone);
	// The server has her commit, and she never hears of it: it goes on when she is back.
	man.deaf.add("CommitToConversation");
	await alice.device.acceptKeyChange(bob.account);
	await until("he is added", async () => (await again.device.conversations()).some(({ id }) => id === walks));
	await alice.crash(man);
	man.deaf.clear();
	await alice.comeBack();

	await isIn(again, walks);
	await carla.say(walks, "Welcome back");
	await until("the new device reads it", async () => (await again.texts(walks)).includes("Carla: Welcome back"));
	await again.say(walks, "Here I am");
	await until("alice reads him", async () => (await alice.texts(walks)).includes("Bob: Here I am"));
	assert.deepEqual(await accountsIn(alice, walks), new Set([alice.account, carla.account, again.account]));

	for (const group of [choir, chess]) {
		await until("alice is told", async () => changes(await alice.rows(group)).includes("left-out"));
		assert.ok(
			!(await accountsIn(alice, group)).has(again.account),
			"nobody was added who might not want it, or may not",
		);
	}
	await alice.say(choir, "Carla, please add Bob");
	await alice.close();
	await alice.comeBack();
	await alice.say(choir, "He has a new phone");
	for (const group of [choir, chess])
		assert.equal(changes(await alice.rows(group)).filter((what) => what === "left-out").length, 1, "said once");
});

test("alice had a wrong key of bob: with the right one, the group that was refused for it goes on at once", async () => {
	await using world = await startWorld();
	const [alice, bob, carla] = [await world.person("Alice"), await world.person("Bob"), await world.person("Carla")];
	const group = await carla.device.createGroup("Walks", [
		(await carla.device.find(alice.phone)).account,
		(await carla.device.find(bob.phone)).account,
	]);
	for (const person of [alice, bob]) await isIn(person, group);
	await alice.close();
	const key = `account/${bob.account}`;
	const record = JSON.parse(new TextDecoder().decode(alice.data.get(key)));
	alice.data.set(key, new TextEncoder().encode(JSON.stringify({ ...record, identityKey: "ab".repeat(32) })));
	await alice.comeBack();
	const laptop = await Companion.link(bob, "Laptop");
	await isIn(laptop, group);
	await until("alice sends nothing to a stranger", async () =>
		alice.device.send(group, "Who is that?").then(
			() => false,
			(error) => isRefusal(error, "DEVICE_LIST_INVALID"),
		),
	);

	await alice.device.acceptKeyChange(bob.account);
	await until("alice is back", async () => {
		const { members = [] } = (await alice.device.conversation(group)) ?? {};
		return members.find(({ account }) => account === bob.account)?.devices.length === 2;
	});
	await alice.say(group, "Now I know you");
	await until("the laptop reads it", async () => (await laptop.texts(group)).includes("Alice: Now I know you"));
});
