import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "@troth/protocol";
import { TestWorld } from "../delivery/_world.ts";
import { bundleOf, catchUp, engine, mlsDeviceOf, mlsPerson, randomChat, refused, welcomed } from "./_members.ts";

test("a new device joins by itself where its account is a member, and nobody else does", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob, mallory] = [
		await mlsPerson(world, "alice"),
		await mlsPerson(world, "bob"),
		await mlsPerson(world, "mallory"),
	];
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	const chat = randomChat();
	await alice.create(chat, "group", [bob]);
	await welcomed(bob, bobPhone);
	const laptop = await mlsDeviceOf(world, bob.person);
	const laptopClient = await world.attach(laptop);
	await laptop.joinByItself(chat);
	const [own] = await laptopClient.entriesOf(chat, 1);
	assert.deepEqual([own?.seq, own?.clientSeq], [2, 1]);
	await catchUp(alice, alicePhone, chat, 2, 2);
	await alice.write(alicePhone, chat, "hello all");
	assert.deepEqual(await catchUp(laptop, laptopClient, chat, 3, 3), ["hello all"]);

	await refused("NOT_FOUND", mallory.get(chat));
	const stolen = await laptop.get(chat);
	mallory.get = async () => stolen;
	await refused("NOT_A_MEMBER", mallory.send(chat, bundleOf(await mallory.makeJoin(chat), 1)));
	const { conversation } = await alice.get(chat);
	const bobs = conversation?.members?.find(
		({ accountId }) => toHex(accountId ?? new Uint8Array()) === bob.person.account,
	);
	assert.deepEqual(
		new Set(bobs?.devices?.map(({ deviceId }) => toHex(deviceId ?? new Uint8Array()))),
		new Set([bob.device, laptop.device]),
	);
});

test("a device that lost its state replaces its old leaf", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const bobPhone = await world.attach(bob);
	const chat = randomChat();
	await alice.create(chat, "direct", [bob]);
	await welcomed(bob, bobPhone);
	bob.groups.delete(chat);
	await bob.joinByItself(chat);
	assert.equal(engine.members(bob.group(chat)).length, 2);
	const { conversation } = await bob.get(chat);
	assert.equal(conversation?.members?.length, 2);
	assert.equal(conversation?.epoch, 2);
	assert.equal(await bob.write(bobPhone, chat, "back again"), 3);
});

test("after all of bob's devices were replaced, alice's chat with him is still theirs", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const alicePhone = await world.attach(alice);
	const chat = randomChat();
	await alice.create(chat, "direct", [bob]);
	const laptop = await mlsDeviceOf(world, bob.person);
	world.directory.removed.add(bob.device);
	await world.delivery.dropDevices(bob.person.account, [bob.device]);
	const late = await laptop.makeFirst(randomChat(), [alice]);
	const exists = await refused(
		"CONVERSATION_EXISTS",
		laptop.sendFirst(engine.id(late.next), "direct", bundleOf(late, 1), alice.person),
	);
	assert.equal(exists.fields.conversation, chat);
	const laptopClient = await world.attach(laptop);
	await laptop.joinByItself(chat);
	await catchUp(alice, alicePhone, chat, 2, 2);
	// The leaf of the old device still waits; either of them may remove it.
	await laptop.commit(chat, { remove: [bob] });
	await catchUp(alice, alicePhone, chat, 3, 3);
	await alice.write(alicePhone, chat, "you are back");
	assert.deepEqual(await catchUp(laptop, laptopClient, chat, 4, 4), ["you are back"]);
});

test("carla leaves: nothing is stored before her leaf is removed, and any member may do that", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const people = [
		await mlsPerson(world, "alice"),
		await mlsPerson(world, "bob"),
		await mlsPerson(world, "carla"),
	] as const;
	const [alice, bob, carla] = people;
	const bobPhone = await world.attach(bob);
	const chat = randomChat();
	await alice.create(chat, "group", [bob, carla]);
	await welcomed(bob, bobPhone);
	await carla.leave(chat);
	await refused("NOT_A_MEMBER", carla.leave(chat));
	const { conversation } = await bob.get(chat);
	assert.deepEqual(
		conversation?.pendingRemovals?.map((bytes) => toHex(bytes)),
		[carla.device],
	);
	const update = await bob.make(chat);
	const refusal = await refused("COMMIT_REQUIRED", bob.send(chat, bundleOf(update, 1)));
	assert.deepEqual(refusal.fields.removeDevices, [carla.device]);
	await bob.commit(chat, { remove: [carla] });
	await bob.write(bobPhone, chat, "carla has left");
	assert.deepEqual((await bob.get(chat)).conversation?.pendingRemovals, []);
	const direct = randomChat();
	await alice.create(direct, "direct", [bob]);
	await refused("FORBIDDEN", alice.leave(direct));
});

test("an addition without an UpdatePath, as in a large group, is taken, and the tree goes on from there", async () => {
	await using world = await TestWorld.open({ store: "memory" });
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const carla = await mlsPerson(world, "carla");
	const [bobPhone, carlaPhone] = [await world.attach(bob), await world.attach(carla)];
	const chat = randomChat();
	await alice.create(chat, "group", [bob]);
	await welcomed(bob, bobPhone);
	await alice.commit(chat, { add: [carla], sparing: true });
	await welcomed(carla, carlaPhone);
	await catchUp(bob, bobPhone, chat, 2, 2);
	// The server knows the tree as it is: what follows is compared with it.
	await bob.commit(chat);
	await catchUp(carla, carlaPhone, chat, 3, 3);
	await carla.commit(chat);
	await catchUp(bob, bobPhone, chat, 4, 4);
	assert.deepEqual(engine.epochAuthenticator(bob.group(chat)), engine.epochAuthenticator(carla.group(chat)));
});
