/** Two people start a conversation with each other at the same time (hazard 22). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorld, until } from "./_people.ts";

test("both start a chat at once and get one", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const [a, b] = [await alice.device.find(bob.phone), await bob.device.find(alice.phone)];
	const [one, other] = await Promise.all([alice.device.openDirect(a.account), bob.device.openDirect(b.account)]);
	assert.equal(one, other);
	await Promise.all([alice.say(one, "from alice"), bob.say(one, "from bob")]);
	for (const person of [alice, bob]) {
		await until(`${person.name} has both`, async () => (await person.texts(one)).length === 2);
		assert.deepEqual((await person.texts(one)).toSorted(), ["Alice: from alice", "Bob: from bob"]);
		assert.equal((await person.device.conversations()).length, 1);
	}
});

test("asking twice at once for the same person gives the same chat", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const { account } = await alice.device.find(bob.phone);
	const [one, other] = await Promise.all([alice.device.openDirect(account), alice.device.openDirect(account)]);
	assert.equal(one, other);
	assert.equal((await alice.device.conversations()).length, 1);
	await alice.say(one, "Hello");
});
