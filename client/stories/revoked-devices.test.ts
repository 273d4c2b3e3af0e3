/**
 * A device list that changes holds for the conversations that stand: who was taken off is removed before anything more is
 * said, and where the server keeps them in, nothing more is said and the chat says why.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeviceId, fromHex, isRefusal, LookUpNumberResponseSchema, type Signed } from "@troth/protocol";
import type { MessageView } from "../device/api.ts";
import { signDeviceList } from "../identity/device-list.ts";
import { Companion } from "./_companion.ts";
import { Middleman } from "./_lying.ts";
import { type Person, startWorld, until } from "./_people.ts";

const changes = (rows: readonly MessageView[]) =>
	rows.flatMap(({ body }) => (body.kind === "keys-changed" ? [body.what] : []));
const refusedMessages = (man: Middleman) => man.received.filter(({ body }) => body.case === "sendRefused").length;

/** The next list of this account, without one of its devices, as its own device signs it. */
async function listWithout(person: Person, device: DeviceId): Promise<Signed> {
	const read = (key: string) => JSON.parse(new TextDecoder().decode(person.data.get(key)));
	const { identity } = read("secrets");
	const { version, devices } = read(`account/${person.account}`);
	const keys = {
		publicKey: fromHex(identity.publicKey) ?? assert.fail(),
		privateKey: fromHex(identity.privateKey) ?? assert.fail(),
	};
	return signDeviceList(person.ports().engine, keys, {
		account: person.account,
		version: version + 1,
		devices: devices.filter((one: { readonly device: DeviceId }) => one.device !== device),
		issuedAtMs: person.world.clock.now(),
	});
}

const devicesOf = async (person: Person, chat: Parameters<Person["say"]>[0], of: Person) =>
	(await person.device.conversation(chat))?.members.find(({ account }) => account === of.account)?.devices ?? [];

test("bob took his lost laptop off the list, and the server keeps it in the chat: alice says nothing more that it could read", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const laptop = await Companion.link(bob, "Laptop");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "to both");
	await until("the laptop has it", async () => (await laptop.texts(chat)).length === 1);

	// Bob's own word reaches alice, and for everything else the server behaves as if he had never said it.
	const lost = laptop.self?.device ?? assert.fail();
	const list = await listWithout(bob, lost);
	man.lie("LookUpNumber", LookUpNumberResponseSchema, (answer) => {
		answer.deviceList = list;
	});
	await alice.device.find(bob.phone);
	const kept = await alice.device.send(chat, "the door code is 1234");
	await assert.rejects(alice.device.stored(chat, kept.id ?? assert.fail()), (error) =>
		isRefusal(error, "DEVICE_LIST_INVALID"),
	);
	assert.deepEqual(changes(await alice.rows(chat)), ["devices", "unlisted"]);
	await assert.rejects(alice.device.send(chat, "and the alarm is off"), (error) =>
		isRefusal(error, "DEVICE_LIST_INVALID"),
	);
	await alice.device.typing(chat, true);
	const said = man.sent.map(({ body }) => body.case).filter((what) => what === "send" || what === "ephemeral");
	assert.deepEqual(said, ["send"], "not even as ciphertext, and not that she writes");

	// She looks again with each stream, and says it once.
	await alice.close();
	await alice.comeBack();
	await until(
		"it is refused again",
		async () => (await alice.device.send(chat, "now?").catch(() => undefined)) === undefined,
	);
	assert.deepEqual(changes(await alice.rows(chat)), ["devices", "unlisted"]);
	assert.deepEqual(await laptop.texts(chat), ["Alice: to both"]);

	// The server takes bob's list in the end: the chat goes on, without the laptop.
	man.answers.clear();
	await bob.device.removeDevice(lost);
	await until("the leaf is gone", async () => (await devicesOf(alice, chat, bob)).length === 1);
	await alice.say(chat, "to the phone alone");
	await until("the phone has it", async () => (await bob.texts(chat)).includes("Alice: to the phone alone"));
	assert.deepEqual(await laptop.texts(chat), ["Alice: to both"]);
});

test("bob's phone dies right after it took the laptop off: whoever writes or comes next removes it, before anything else", async () => {
	await using world = await startWorld();
	const [mans, bobs] = [new Middleman(), new Middleman()];
	const alice = await world.person("Alice", { ports: mans.between });
	const carla = await world.person("Carla");
	const bob = await world.person("Bob", { ports: bobs.between });
	const laptop = await Companion.link(bob, "Laptop");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const group = await alice.device.createGroup("Walks", [bob.account, (await alice.device.find(carla.phone)).account]);
	for (const person of [bob, carla, laptop])
		await until(`${person.name} is in`, async () => (await person.device.conversation(group))?.title === "Walks");
	await alice.say(chat, "to both");
	await carla.close();

	bobs.cut.add("CommitToConversation");
	await bob.device.removeDevice(laptop.self?.device ?? assert.fail());
	await bob.crash(bobs);
	await until("alice knows", async () => changes(await alice.rows(chat)).includes("devices"));
	await alice.say(chat, "to the phone alone");
	assert.equal(refusedMessages(mans), 0, "nobody had to tell her");
	assert.equal((await devicesOf(alice, chat, bob)).length, 1);

	// Carla is no admin and says nothing: she comes back, and that is enough.
	assert.equal((await devicesOf(alice, group, bob)).length, 2);
	await carla.comeBack();
	await until("carla removed it", async () => (await devicesOf(alice, group, bob)).length === 1);
	for (const person of [alice, carla])
		assert.ok(!changes(await person.rows(group)).includes("unlisted"), `${person.name} has nothing to fear`);
	await bob.comeBack();
	await until("bob reads on", async () => (await bob.texts(chat)).includes("Alice: to the phone alone"));
	assert.ok(!(await laptop.texts(chat)).includes("Alice: to the phone alone"));
});

test("alice links a laptop while bob's lost one is still in their chat: hers comes in when it is gone, and misses nothing", async () => {
	await using world = await startWorld();
	const bobs = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { ports: bobs.between });
	const lost = await Companion.link(bob, "Laptop");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "to both");
	await until("bob's has it", async () => (await lost.texts(chat)).length === 1);
	bobs.cut.add("CommitToConversation");
	await bob.device.removeDevice(lost.self?.device ?? assert.fail());
	await bob.crash(bobs);
	const laptop = await Companion.link(alice, "Laptop");
	await until("it does not come in", async () =>
		laptop.device.send(chat, "Who is that?").then(
			() => false,
			(error) => isRefusal(error, "DEVICE_LIST_INVALID"),
		),
	);
	await alice.say(chat, "to the phone alone");
	await until("it is in", async () => (await laptop.device.conversation(chat))?.members.length === 2);
	await until("it has all", async () => (await laptop.texts(chat)).includes("Alice: to the phone alone"));
});
