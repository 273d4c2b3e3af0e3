/** What a device publishes about itself, and what it signs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, DeviceLists, engine, joined, NO_DATA, NOW_MS, newConversation, readText, refused } from "./_people.ts";
import { decodeMessage } from "./decoding.ts";

test("a key package tells whose it is, for thirty days and no longer", async () => {
	const lists = new DeviceLists();
	const bob = await lists.person("bob");
	const own = await bob.newKeyPackage();
	const day = 24 * 3600 * 1000;
	assert.deepEqual(await engine.readKeyPackage(own.message, NOW_MS), {
		...bob.identity,
		signatureKey: bob.keys.publicKey,
	});
	await engine.readKeyPackage(own.message, NOW_MS - day + 1000);
	await engine.readKeyPackage(own.message, NOW_MS + 30 * day);
	await engine.readKeyPackage(own.message);
	await refused("Expired", engine.readKeyPackage(own.message, NOW_MS - 2 * day));
	await refused("Expired", engine.readKeyPackage(own.message, NOW_MS + 31 * day));

	const alice = await lists.person("alice");
	const group = await engine.createGroup(newConversation(), await alice.newKeyPackage(), alice.keys);
	const add = (nowMs: number) =>
		engine.commit(group, { add: [own.message], remove: [], authenticatedData: NO_DATA, nowMs }, lists.authority);
	await refused("Expired", add(NOW_MS + 31 * day));
	await add(NOW_MS);
	assert.notEqual(own.ref, (await bob.newKeyPackage()).ref);
	assert.match(own.ref, /^[0-9a-f]{128}$/);
});

test("a last-resort key package can be used like another", async () => {
	const lists = new DeviceLists();
	const [alice, bob] = [await lists.person("alice"), await lists.person("bob")];
	const own = await engine.newKeyPackage(bob.identity, bob.keys, NOW_MS, true);
	assert.deepEqual(
		decodeMessage(own.message, "mls_key_package").keyPackage.extensions.map(({ extensionType }) => extensionType),
		[0x000a],
	);
	for (let chat = 0; chat < 2; chat++) {
		const group = await engine.createGroup(newConversation(), await alice.newKeyPackage(), alice.keys);
		const commit = await engine.commit(
			group,
			{ add: [own.message], remove: [], authenticatedData: NO_DATA },
			lists.authority,
		);
		const sent = await engine.encrypt(commit.next, bytes("hi"), NO_DATA);
		assert.equal((await readText(lists, await joined(lists, commit, own), sent.message)).text, "hi");
	}
});

test("signatures verify for the key and the bytes they were made with", async () => {
	const keys = await engine.generateSigningKeys();
	assert.equal(keys.publicKey.length, 32);
	assert.equal(keys.privateKey.length, 32);
	const signature = await engine.sign(keys, bytes("a statement"));
	assert.equal(await engine.verify(keys.publicKey, bytes("a statement"), signature), true);
	assert.equal(await engine.verify(keys.publicKey, bytes("another"), signature), false);
	assert.equal(await engine.verify(new Uint8Array(31), bytes("a statement"), signature), false);
	assert.equal(await engine.verify(keys.publicKey, bytes("a statement"), new Uint8Array(10)), false);
});
