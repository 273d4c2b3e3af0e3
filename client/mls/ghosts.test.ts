/** Devices that no account lists, however they come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { add, anyone, forgeCommit, remove, UPDATE, withMallory } from "./_mallory.ts";
import { applied, DeviceLists, engine, groupOf, NO_DATA, refused } from "./_people.ts";
import type { LeafAuthority, MlsGroup } from "./engine.ts";

test("alice does not add a device that its account does not list", async () => {
	const { lists, atAlice } = await withMallory();
	const ghost = await lists.person("ghost", { listed: false });
	const { message } = await ghost.newKeyPackage();
	await refused("UnknownDevice", engine.commit(atAlice, { ...UPDATE, add: [message] }, lists.authority));
});

test("nobody accepts a commit that adds a ghost, nor a listed device with another key", async () => {
	const { lists, bob, atAlice, atMallory } = await withMallory();
	const ghost = await lists.person("ghost", { listed: false });
	const impostor = lists.as("impostor", bob.identity, await engine.generateSigningKeys(), false);
	for (const person of [ghost, impostor]) {
		const commit = await forgeCommit(atMallory, { proposals: [remove(1), await add(person)] });
		await refused("UnknownDevice", engine.process(atAlice, commit, lists.authority));
	}
});

test("bob does not join a group with a ghost in it, whoever invites him", async () => {
	const lists = new DeviceLists();
	const [mallory, bob] = [await lists.person("mallory"), await lists.person("bob")];
	const ghost = await lists.person("ghost", { listed: false });
	const start = await engine.createGroup(
		engine.id((await groupOf(lists, mallory))[0] as MlsGroup),
		await mallory.newKeyPackage(),
		mallory.keys,
	);
	const own = await bob.newKeyPackage();
	const commit = await engine.commit(
		start,
		{ ...UPDATE, add: [own.message, (await ghost.newKeyPackage()).message] },
		anyone,
	);
	assert.ok(commit.welcome);
	await refused("UnknownDevice", engine.join(commit.welcome, own.secret, commit.ratchetTree, lists.authority));
	const { secret } = await bob.newKeyPackage();
	await refused("NotForUs", engine.join(commit.welcome, secret, commit.ratchetTree, lists.authority));
	await refused(
		"UnknownDevice",
		engine.joinExternal(commit.groupInfo, commit.ratchetTree, await bob.newKeyPackage(), NO_DATA, lists.authority),
	);
});

test("a stranger who got the GroupInfo from the server is not let in by external commit", async () => {
	const { lists, bob, atAlice, atBob } = await withMallory();
	const update = await engine.commit(atBob, UPDATE, lists.authority);
	const alice = (await applied(lists, atAlice, update.commit)).next;
	const stranger = await lists.person("stranger", { listed: false });
	const impostor = lists.as("bob's impostor", bob.identity, await engine.generateSigningKeys(), false);
	for (const person of [stranger, impostor]) {
		const { groupInfo, ratchetTree } = update;
		const entry = await engine.joinExternal(groupInfo, ratchetTree, await person.newKeyPackage(), NO_DATA, anyone);
		await refused("UnknownDevice", engine.process(alice, entry.commit, lists.authority));
	}
});

test("a failing authority is no refusal of the bytes: the caller sees what failed", async () => {
	const { lists, atAlice, atBob } = await withMallory();
	const dan = await lists.person("dan");
	const commit = await engine.commit(atBob, { ...UPDATE, add: [(await dan.newKeyPackage()).message] }, lists.authority);
	const offline = new Error("the device list could not be fetched");
	const failing: LeafAuthority = async () => {
		throw offline;
	};
	await assert.rejects(engine.process(atAlice, commit.commit, failing), offline);
	await applied(lists, atAlice, commit.commit);
});
