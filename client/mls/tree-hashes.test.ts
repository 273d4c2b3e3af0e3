/** Tree hashes that are taken over from the tree before are those that ts-mls makes anew. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import type { Hash, RatchetTree } from "ts-mls";
import { addLeafNode, removeLeafNode } from "ts-mls/ratchetTree.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { toLeafIndex } from "ts-mls/treemath.js";
import { suite } from "./_mallory.ts";
import { DeviceLists, engine, groupOf, NO_DATA } from "./_people.ts";
import { stateOf } from "./group-state.ts";
import { readSecret } from "./key-packages.ts";
import { treeHashOf } from "./tree-hashes.ts";

const { hash } = suite;

test("a tree that grows, shrinks and is updated has the same hash as one that is hashed anew", async () => {
	const lists = new DeviceLists();
	const people = await Promise.all(["alice", "bob", "carla", "dan", "erin", "fay"].map((name) => lists.person(name)));
	const packages = await Promise.all(people.map((person) => person.newKeyPackage()));
	const leaves = packages.map(({ secret }) => readSecret(secret).keyPackage.leafNode);
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat({ max: 11 }), { maxLength: 14 }), async (steps) => {
			let tree: RatchetTree = [{ nodeType: "leaf", leaf: leaves[0] as (typeof leaves)[number] }];
			await treeHashOf(tree, hash);
			for (const step of steps) {
				const before = tree;
				const leaf = leaves[step % leaves.length] as (typeof leaves)[number];
				const at = toLeafIndex(step % Math.ceil(tree.length / 2));
				const removable = step >= 6 && at > 0 && tree[2 * at] !== undefined;
				tree = removable ? removeLeafNode(tree, at) : addLeafNode(tree, leaf)[0];
				assert.deepEqual(await treeHashOf(tree, hash, before), await treeHashRoot(tree, hash));
			}
		}),
		{ numRuns: rounds(60) },
	);
});

test("only what lies above a change is hashed anew", async () => {
	const lists = new DeviceLists();
	const [creator, ...others] = await Promise.all(Array.from({ length: 32 }, () => lists.person("member")));
	assert.ok(creator);
	const [first] = await groupOf(lists, creator, ...others);
	assert.ok(first);
	const update = { add: [], remove: [], authenticatedData: NO_DATA };
	const before = stateOf((await engine.commit(first, update, lists.authority)).next);
	const after = stateOf((await engine.commit(first, update, lists.authority)).next);
	let digests = 0;
	const counting: Hash = {
		...hash,
		async digest(data) {
			digests++;
			return hash.digest(data);
		},
	};
	await treeHashOf([...before.ratchetTree], counting);
	assert.equal(digests, 63, "a tree without one before it");
	digests = 0;
	const copy = [...after.ratchetTree];
	const made = await treeHashOf(copy, counting, before.ratchetTree);
	assert.equal(digests, 6, "a path of six nodes");
	assert.deepEqual(made, await treeHashRoot(copy, hash));
	assert.deepEqual(made, after.groupContext.treeHash);
});
