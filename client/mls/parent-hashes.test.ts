/** Our check of parent hashes says what ts-mls's says, about trees as they are and about trees that were changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import type { RatchetTree } from "ts-mls";
import { verifyParentHashes } from "ts-mls/parentHash.js";
import { applied, DeviceLists, engine, groupOf, NO_DATA, newConversation, sparing } from "./_people.ts";
import type { MlsGroup } from "./engine.ts";
import { stateOf } from "./group-state.ts";
import { parentHashesHold } from "./parent-hashes.ts";
import { mlsHash } from "./primitives.node.ts";

const hash = mlsHash("SHA-512");

/** Trees as eleven people leave them behind who add, remove and update in turns, with and without a path. */
async function trees(): Promise<readonly RatchetTree[]> {
	const lists = new DeviceLists();
	const people = await Promise.all(Array.from({ length: 7 }, () => lists.person("member")));
	const [first, ...others] = people;
	assert.ok(first);
	let inside: (MlsGroup | undefined)[] = await groupOf(lists, first, ...others);
	const made: RatchetTree[] = [];
	const turns = [
		{ by: 2, add: 0, remove: [] },
		{ by: 0, add: 2, remove: [], spares: true },
		{ by: 5, add: 0, remove: [] },
		{ by: 1, add: 1, remove: [4], spares: false },
		{ by: 6, add: 1, remove: [], spares: true },
		{ by: 3, add: 0, remove: [1] },
		{ by: 0, add: 0, remove: [7, 8] },
	];
	for (const { by, add, remove, spares = false } of turns) {
		const group = inside[by];
		assert.ok(group);
		const newcomers = await Promise.all(Array.from({ length: add }, () => lists.person("newcomer")));
		const packages = await Promise.all(newcomers.map(async (person) => (await person.newKeyPackage()).message));
		const change = { add: packages, remove, authenticatedData: NO_DATA };
		const { commit, next } = await (spares ? sparing : engine).commit(group, change, lists.authority);
		inside = await Promise.all(
			inside.map(async (other, at) => {
				if (at === by || other === undefined) return at === by ? next : undefined;
				const result = await applied(lists, other, commit);
				return result.selfRemoved ? undefined : result.next;
			}),
		);
		made.push(stateOf(next).ratchetTree);
	}
	return made;
}

const flipped = (bytes: Uint8Array, bit: number) =>
	bytes.length === 0 ? Uint8Array.of(bit) : bytes.with(bit % bytes.length, (bytes[bit % bytes.length] ?? 0) ^ 1);

/** The tree with one node changed where a parent hash depends on it. */
function changedAt(tree: RatchetTree, at: number, what: number, bit: number): RatchetTree {
	const copy = tree.slice();
	const node = copy[at];
	if (node === undefined) return copy;
	if (node.nodeType === "leaf") {
		const { leaf } = node;
		if (what === 0) copy[at] = { ...node, leaf: { ...leaf, hpkePublicKey: flipped(leaf.hpkePublicKey, bit) } };
		else if (leaf.leafNodeSource === "commit")
			copy[at] = { ...node, leaf: { ...leaf, parentHash: flipped(leaf.parentHash, bit) } };
		return copy;
	}
	const { parent } = node;
	if (what === 0) copy[at] = { ...node, parent: { ...parent, hpkePublicKey: flipped(parent.hpkePublicKey, bit) } };
	else if (what === 1) copy[at] = { ...node, parent: { ...parent, parentHash: flipped(parent.parentHash, bit) } };
	else copy[at] = { ...node, parent: { ...parent, unmergedLeaves: parent.unmergedLeaves.slice(1) } };
	return copy;
}

test("trees that commits make hold, and a changed one holds for neither check or for both", async () => {
	const made = await trees();
	for (const tree of made)
		assert.deepEqual([await parentHashesHold(tree, hash), await verifyParentHashes(tree, hash)], [true, true]);
	assert.ok(
		made.some((tree) => tree.some((node) => node?.nodeType === "parent" && node.parent.unmergedLeaves.length > 0)),
	);
	let refused = 0;
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...made), fc.nat(40), fc.nat(2), fc.nat(2000), async (tree, at, what, bit) => {
			const changed = changedAt(tree, at % tree.length, what, bit);
			const holds = await parentHashesHold(changed, hash);
			assert.equal(holds, await verifyParentHashes(changed, hash));
			if (!holds) refused += 1;
		}),
		{ numRuns: rounds(60) },
	);
	assert.ok(refused > 10, `${refused} were refused`);
});

test("a tree that nobody has committed to holds", async () => {
	const lists = new DeviceLists();
	const alice = await lists.person("alice");
	const group = await engine.createGroup(newConversation(), await alice.newKeyPackage(), alice.keys);
	assert.ok(await parentHashesHold(stateOf(group).ratchetTree, hash));
});
