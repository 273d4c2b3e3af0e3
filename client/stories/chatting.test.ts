/** Two people find each other by number and chat, both ways, with marks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorld, until } from "./_people.ts";

test("alice and bob chat both ways", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");

	const found = await alice.device.find(bob.phone);
	assert.equal(found.account, bob.account);
	const chat = await alice.device.openDirect(found.account);
	await alice.say(chat, "Hello Bob");

	await until("bob has the chat", async () => (await bob.device.conversation(chat)) !== undefined);
	await until("bob reads it", async () => (await bob.texts(chat)).length === 1);
	assert.deepEqual(await bob.texts(chat), ["Alice: Hello Bob"]);
	await bob.say(chat, "Hello Alice");
	await until("alice reads it", async () => (await alice.texts(chat)).length === 2);
	assert.deepEqual(await alice.texts(chat), ["Alice: Hello Bob", "Bob: Hello Alice"]);
});
