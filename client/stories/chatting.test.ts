/** Two people find each other by number and chat, both ways, with marks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "@troth/protocol";
import type { DeviceEvent } from "../device/api.ts";
import { startWorld, until } from "./_people.ts";

test("alice and bob chat both ways", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const found = await alice.device.find(bob.phone);
	assert.equal(found.account, bob.account);
	const chat = await alice.device.openDirect(found.account);
	assert.equal(await alice.device.openDirect(found.account), chat, "there is one conversation of a pair");
	await alice.say(chat, "Hello Bob");
	await until("bob reads it", async () => (await bob.texts(chat)).length === 1);
	await bob.say(chat, "Hello Alice");
	await until("alice reads it", async () => (await alice.texts(chat)).length === 2);
	assert.deepEqual(await alice.texts(chat), ["Alice: Hello Bob", "Bob: Hello Alice"]);
	assert.deepEqual(await bob.texts(chat), ["Alice: Hello Bob", "Bob: Hello Alice"]);

	const view = await bob.device.conversation(chat);
	assert.equal(view?.title, "Alice", "names travel inside the messages");
	assert.equal(view?.kind, "direct");
	assert.equal(view?.unread, 1);
	assert.equal((await alice.device.conversation(chat))?.title, "Bob");
	assert.deepEqual(
		await bob.rows(chat),
		(await bob.rows(chat)).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
	);
});

test("marks follow a message: stored, delivered, read", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await bob.device.caughtUp();
	await until("bob is in", async () => await bob.device.conversation(chat));
	await bob.close();
	const message = await alice.say(chat, "Are you there?");
	const mark = async () => (await alice.rows(chat)).find(({ id }) => id === message.id)?.delivery?.state;
	assert.equal(await mark(), "stored");

	await bob.comeBack();
	await until("delivered", async () => (await mark()) === "delivered");
	const seq = (await bob.rows(chat)).at(-1)?.seq ?? 0;
	await bob.device.markRead(chat, seq);
	assert.equal((await bob.device.conversation(chat))?.unread, 0);
	await until("read", async () => (await mark()) === "read");
	const told = alice.events.filter((event) => event.type === "receipt");
	assert.ok(told.some((event) => event.account === bob.account && event.readSeq === seq));
	assert.ok(
		alice.events.some((event) => event.type === "message" && event.message.delivery?.state === "read"),
		"the changed mark is told as a change of the message",
	);
});

test("who switches read receipts off is not seen reading", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await bob.device.changeSettings({ readReceipts: false });
	await alice.say(chat, "Did you read this?");
	const row = await until("it came", async () => (await bob.device.messages(chat, { limit: 1 })).at(-1));
	await bob.device.markRead(chat, row.seq ?? 0);
	assert.equal((await bob.device.conversation(chat))?.unread, 0);
	const mark = async () => (await alice.rows(chat)).find(({ sender }) => sender?.self === true)?.delivery?.state;
	await until("delivered", async () => (await mark()) === "delivered");
	await bob.say(chat, "No comment.");
	await until("the answer came", async () => (await alice.texts(chat)).length === 2);
	await new Promise((resolve) => setTimeout(resolve, 300));
	assert.equal(await mark(), "delivered");
});

test("read marks of a time when alice was away reach her when she comes back", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const message = await alice.say(chat, "Good night");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	await alice.close();
	await bob.device.markRead(chat, (await bob.rows(chat)).at(-1)?.seq ?? 0);
	await new Promise((resolve) => setTimeout(resolve, 200));
	await alice.comeBack();
	await until("read", async () =>
		(await alice.rows(chat)).some(({ id, delivery }) => id === message.id && delivery?.state === "read"),
	);
});

test("bob sees alice type, and stop by sending", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await until("bob is in", () => bob.device.conversation(chat));
	const typing = (event: DeviceEvent) => (event.type === "typing" ? [event.active] : []);
	await alice.device.typing(chat, true);
	await alice.device.typing(chat, true);
	await until("typing", () => bob.events.flatMap(typing).length === 1);
	await alice.say(chat, "There.");
	await until("stopped", () => bob.events.flatMap(typing).length === 2);
	assert.deepEqual(bob.events.flatMap(typing), [true, false]);
});

test("after a restart the history is there and the chat goes on", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	for (const text of ["one", "two", "three"]) await alice.say(chat, text);
	await until("bob has all", async () => (await bob.texts(chat)).length === 3);
	const before = await bob.rows(chat);
	await bob.close();
	await alice.close();
	await bob.comeBack();
	await alice.comeBack();
	assert.deepEqual(await bob.rows(chat), before);
	await bob.say(chat, "four");
	await until("alice has it", async () => (await alice.texts(chat)).length === 4);
	assert.deepEqual(await alice.texts(chat), ["Alice: one", "Alice: two", "Alice: three", "Bob: four"]);
});

test("bob is offline for 200 messages and gets them in order, each once", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await until("bob is in", () => bob.device.conversation(chat));
	await bob.close();
	const texts = Array.from({ length: 200 }, (_, i) => `message ${i + 1}`);
	const sent = [];
	for (const text of texts) sent.push(await alice.device.send(chat, text));
	await Promise.all(sent.map(({ id }) => id && alice.device.stored(chat, id)));
	await bob.comeBack();
	const rows = (await bob.rows(chat)).filter(({ body }) => body.kind === "text");
	assert.deepEqual(
		rows.map(({ body }) => (body.kind === "text" ? body.text : "")),
		texts,
	);
	const seqs = rows.map(({ seq }) => seq ?? 0);
	assert.deepEqual(
		seqs,
		seqs.map((_, i) => (seqs[0] ?? 0) + i),
		"dense and ascending",
	);
	assert.equal((await bob.device.conversation(chat))?.unread, 200);
	assert.ok((await bob.rows(chat)).every(({ body }) => body.kind === "text"));
});

test("what blocked people write is not shown, and nothing else is lost", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const carla = await world.person("Carla");
	const group = await alice.device.createGroup("Walks", [
		(await alice.device.find(bob.phone)).account,
		(await alice.device.find(carla.phone)).account,
	]);
	await until("bob is in", () => bob.device.conversation(group));
	await until("carla is in", () => carla.device.conversation(group));
	await carla.device.block(bob.account);
	assert.deepEqual(
		(await carla.device.blocked()).map(({ account }) => account),
		[bob.account],
	);
	await bob.say(group, "Can you hear me?");
	await alice.say(group, "Bob asks if you hear him.");
	await until("alice's came", async () => (await carla.texts(group)).length === 1);
	await carla.device.unblock(bob.account);
	await bob.say(group, "And now?");
	await until("bob's came", async () => (await carla.texts(group)).length === 2);
	assert.deepEqual(await carla.texts(group), ["Alice: Bob asks if you hear him.", "Bob: And now?"]);
	assert.ok((await carla.rows(group)).every(({ body }) => body.kind !== "forked" && body.kind !== "gap"));
});

test("nobody is found under a number that is not registered", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	await assert.rejects(alice.device.find("+15550109999"), (error) => isRefusal(error, "NOT_FOUND"));
	await assert.rejects(alice.device.find("12"), (error) => isRefusal(error, "PHONE_INVALID"));
});
