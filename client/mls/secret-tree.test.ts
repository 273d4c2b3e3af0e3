/** The secret tree that is taken apart bit by bit, beside the one that ts-mls derives whole. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { createSecretTree } from "ts-mls/secretTree.js";
import { suite } from "./_mallory.ts";
import { refused } from "./_people.ts";
import { NO_SECRETS, secretTreeOf, takenApart, takeRatchet, withRatchet } from "./secret-tree.ts";

test("each leaf's ratchet is the one that ts-mls derives, whichever was taken before", async () => {
	await fc.assert(
		fc.asyncProperty(fc.integer({ min: 0, max: 6 }), fc.infiniteStream(fc.nat()), async (depth, choices) => {
			const leaves = 2 ** depth;
			const secret = randomBytes(suite.kdf.size);
			const whole = takenApart(await createSecretTree(leaves, secret, suite.kdf));
			let tree = secretTreeOf(leaves, secret);
			const open = Array.from({ length: leaves }, (_, leaf) => leaf);
			while (open.length > 0) {
				const [leaf = 0] = open.splice((choices.next().value ?? 0) % open.length, 1);
				const before = new Map(tree.nodes);
				const taken = await takeRatchet(tree, leaf, suite);
				assert.deepEqual(taken.ratchet, whole.ratchets.get(leaf));
				assert.deepEqual(tree.nodes, before, "the tree before is as it was");
				assert.equal((await takeRatchet(taken.tree, leaf, suite)).ratchet, taken.ratchet);
				tree = taken.tree;
			}
			assert.equal(tree.nodes.size, 0, "no secret is left from which a ratchet follows");
			assert.deepEqual(tree.ratchets, whole.ratchets);
		}),
		{ numRuns: rounds(30) },
	);
});

test("what a ratchet follows from is gone with it, and what is not needed yet is one secret for many", async () => {
	const secret = randomBytes(suite.kdf.size);
	const { tree } = await takeRatchet(secretTreeOf(1024, secret), 700, suite);
	assert.equal(tree.nodes.size, 10);
	assert.ok(!tree.nodes.has(1023), "the root's secret");
	for (let level = 0; level <= 10; level++) {
		const above = (((2 * 700) >> (level + 1)) << (level + 1)) | ((1 << level) - 1);
		assert.ok(!tree.nodes.has(above), `node ${above} lies above the leaf`);
	}
	const used = { secret: randomBytes(64), generation: 1, unusedGenerations: {} };
	assert.equal((await takeRatchet(withRatchet(tree, 700, used), 700, suite)).ratchet, used);
});

test("a leaf that is not in the tree has no ratchet", async () => {
	const tree = secretTreeOf(4, randomBytes(suite.kdf.size));
	for (const leaf of [4, 1000]) await refused("Undecryptable", takeRatchet(tree, leaf, suite));
	await refused("Undecryptable", takeRatchet(NO_SECRETS, 0, suite));
});
