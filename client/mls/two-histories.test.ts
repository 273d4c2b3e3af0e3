/** A lying server, and who was removed. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { suite, UPDATE, withMallory } from "./_mallory.ts";
import { applied, bytes, DeviceLists, engine, groupOf, joined, NO_DATA, refused } from "./_people.ts";
import { decodeMessage } from "./decoding.ts";
import type { MlsGroup } from "./engine.ts";
import { stateOf } from "./group-state.ts";
import { encodeTree } from "./tree-codec.ts";

test("bob, whose removal left alice alone, can not follow her into the next epoch", async () => {
	const lists = new DeviceLists();
	const [alice, bob] = [await lists.person("alice"), await lists.person("bob")];
	const [atAlice, atBob] = (await groupOf(lists, alice, bob)) as [MlsGroup, MlsGroup];
	const removal = await engine.commit(atAlice, { ...UPDATE, remove: [engine.ownLeaf(atBob)] }, lists.authority);
	// What bob knows: his epoch's init secret, and everything the server shows. ts-mls would take zeros for the rest.
	const { groupInfo } = decodeMessage(removal.groupInfo, "mls_group_info");
	const zeros = new Uint8Array(suite.kdf.size);
	const guess = await initializeEpoch(
		stateOf(atBob).keySchedule.initSecret,
		zeros,
		groupInfo.groupContext,
		zeros,
		suite.kdf,
	);
	assert.notDeepEqual(guess.keySchedule.epochAuthenticator, engine.epochAuthenticator(removal.next));
});

test("a server that shows two commits makes two groups, whose authenticators differ and which can not talk", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	const forAlice = await engine.commit(atMallory, UPDATE, lists.authority);
	const forBob = await engine.commit(atMallory, UPDATE, lists.authority);
	const alice = (await applied(lists, atAlice, forAlice.commit)).next;
	const bob = (await applied(lists, atBob, forBob.commit)).next;
	assert.equal(engine.epoch(alice), engine.epoch(bob));
	assert.notDeepEqual(engine.epochAuthenticator(alice), engine.epochAuthenticator(bob));
	const { message } = await engine.encrypt(alice, bytes("do you hear me?"), NO_DATA);
	await refused("OtherKeys", engine.process(bob, message, lists.authority));
});

test("a Welcome with another tree, an old tree or a changed one is refused", async () => {
	const { lists, atAlice, atBob } = await withMallory();
	const dan = await lists.person("dan");
	const own = await dan.newKeyPackage();
	const commit = await engine.commit(atAlice, { ...UPDATE, add: [own.message] }, lists.authority);
	const { welcome } = commit;
	assert.ok(welcome);
	const join = (tree: Uint8Array) => engine.join(welcome, own.secret, tree, lists.authority);
	const other = await engine.commit(atBob, UPDATE, lists.authority);
	const checks = ["Undecryptable", "InvalidCommit"] as const;
	await refused(checks, join(other.ratchetTree));
	await refused(checks, join(encodeTree(stateOf(atBob).ratchetTree)));
	const tree = stateOf(commit.next).ratchetTree;
	const [first, ...rest] = tree;
	assert.ok(first?.nodeType === "leaf");
	const relabelled = { ...first, leaf: { ...first.leaf, hpkePublicKey: randomBytes(1216) } };
	await refused(checks, join(encodeTree([relabelled, ...rest])));
	await joined(lists, commit, own);
});
