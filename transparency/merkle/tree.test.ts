/** Trees, proofs and their verification, held against the definition and against every wrong answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { flipped, leafHashOf, naiveRoot, readerOf, someLeaves } from "../_trees.ts";
import { emptyRoot, leafHash, nodeHash } from "./hash.ts";
import { consistencyProof, inclusionProof, treeRoot } from "./tree.ts";
import { verifyConsistency, verifyInclusion } from "./verify.ts";

const LEAVES = someLeaves(600);
const READ = readerOf(LEAVES);
const headOf = (size: number) => ({ size, root: treeRoot(size, READ) });
const HEADS = Array.from({ length: LEAVES.length + 1 }, (_, size) => headOf(size));
const headAt = (size: number) => HEADS[size] ?? headOf(size);
const leafAt = (index: number) => leafHash(LEAVES[index] ?? new Uint8Array());

/** Inputs and roots of the reference tree of Certificate Transparency implementations. */
const REFERENCE: readonly [leaf: string, root: string][] = [
	["", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
	["00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
	["10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
	["2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
	["3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
	["40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"],
	["5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
	["606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
];

test("the roots are those of the reference tree", () => {
	const read = readerOf(REFERENCE.map(([leaf]) => new Uint8Array(Buffer.from(leaf, "hex"))));
	assert.equal(toHex(emptyRoot()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (const [index, [, root]] of REFERENCE.entries()) assert.equal(toHex(treeRoot(index + 1, read)), root);
});

test("the portable hashes are those of Node", () => {
	const leaf = new Uint8Array(Buffer.from("a leaf"));
	assert.deepEqual(leafHash(leaf), leafHashOf(leaf));
	assert.deepEqual(nodeHash(leafHashOf(leaf), leafHashOf(leaf)), naiveRoot([leaf, leaf]));
});

test("the root of any number of leaves is that of the definition", () => {
	const sizes = fc.integer({ min: 0, max: LEAVES.length });
	fc.assert(
		fc.property(sizes, (size) => assert.deepEqual(treeRoot(size, READ), naiveRoot(LEAVES.slice(0, size)))),
		{ numRuns: rounds(60) },
	);
});

const place = fc
	.integer({ min: 1, max: LEAVES.length })
	.chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));

test("every leaf is included in every tree that has it, and with any bit flipped in none", () => {
	fc.assert(
		fc.property(place, fc.nat(), ([index, size], bit) => {
			const head = headAt(size);
			const leaf = leafAt(index);
			const proof = inclusionProof(index, size, READ);
			assert.ok(verifyInclusion(leaf, index, proof, head));
			assert.ok(!verifyInclusion(flipped(leaf, bit), index, proof, head), "another leaf");
			assert.ok(!verifyInclusion(leaf, index, proof, { size, root: flipped(head.root, bit) }), "another root");
			const at = bit % Math.max(1, proof.length);
			const changed = proof.map((hash, step) => (step === at ? flipped(hash, bit) : hash));
			assert.equal(verifyInclusion(leaf, index, changed, head), proof.length === 0, "another sibling");
			assert.ok(!verifyInclusion(leaf, index, [...proof, leaf], head), "a longer proof");
			if (proof.length > 0) assert.ok(!verifyInclusion(leaf, index, proof.slice(1), head), "a shorter proof");
		}),
		{ numRuns: rounds(300) },
	);
});

test("proofs that share what they have in common are the same proofs", () => {
	for (const size of [1, 2, 3, 7, 8, 9, 100, 600]) {
		const edge = new Map<number, Uint8Array>();
		for (let index = 0; index < size; index++)
			assert.deepEqual(inclusionProof(index, size, READ, nodeHash, edge), inclusionProof(index, size, READ));
	}
});

test("a proof holds for one index only", () => {
	for (const size of [1, 2, 3, 7, 8, 9, 100]) {
		for (let index = 0; index < size; index++) {
			const proof = inclusionProof(index, size, READ);
			for (const other of [index - 1, index + 1, index + size, -1, 0.5, Number.NaN])
				assert.ok(!verifyInclusion(leafAt(index), other, proof, headAt(size)), `${index} as ${other} of ${size}`);
		}
	}
});

const pair = fc
	.integer({ min: 0, max: LEAVES.length })
	.chain((newer) => fc.tuple(fc.integer({ min: 0, max: newer }), fc.constant(newer)));

test("every tree is consistent with every later one, and with any bit flipped with none", () => {
	fc.assert(
		fc.property(pair, fc.nat(), ([older, newer], bit) => {
			const [before, now] = [headAt(older), headAt(newer)];
			const proof = consistencyProof(older, newer, READ);
			assert.ok(verifyConsistency(before, now, proof));
			assert.ok(!verifyConsistency({ size: older, root: flipped(before.root, bit) }, now, proof), "another past");
			// The empty tree is the beginning of every tree: there is nothing that a root could be held against.
			const now2 = { size: newer, root: flipped(now.root, bit) };
			assert.equal(verifyConsistency(before, now2, proof), older === 0 && newer > 0, "another present");
			assert.ok(!verifyConsistency(before, now, [...proof, now.root]), "a longer proof");
			if (proof.length === 0) return;
			const at = bit % proof.length;
			const changed = proof.map((hash, step) => (step === at ? flipped(hash, bit) : hash));
			assert.ok(!verifyConsistency(before, now, changed), "another hash");
			assert.ok(!verifyConsistency(before, now, proof.slice(0, -1)), "a shorter proof");
		}),
		{ numRuns: rounds(300) },
	);
});

test("a rewritten past is not consistent, whatever is offered as proof", () => {
	const forged = readerOf(LEAVES.map((leaf, index) => (index === 3 ? Buffer.from("rewritten") : leaf)));
	for (const older of [4, 5, 8, 9, 64]) {
		for (const newer of [65, 100, 128]) {
			const now = { size: newer, root: treeRoot(newer, forged) };
			for (const read of [READ, forged])
				assert.ok(!verifyConsistency(headAt(older), now, consistencyProof(older, newer, read)));
		}
	}
});

test("verifiers answer no to what is no proof at all", () => {
	const hash = fc.uint8Array({ maxLength: 34 });
	const size = fc.oneof(fc.integer(), fc.double(), fc.constant(Number.MAX_SAFE_INTEGER));
	fc.assert(
		fc.property(fc.array(hash, { maxLength: 70 }), hash, hash, size, size, (proof, leaf, root, index, count) => {
			assert.ok(!verifyInclusion(leaf, index, proof, { size: count, root }));
			assert.ok(!verifyConsistency({ size: index, root: leaf }, { size: count, root }, proof));
		}),
		{ numRuns: rounds(500) },
	);
});

test("trees past 2^32 leaves are split in the same places", () => {
	// Every complete subtree of one height has the same hash here, so a proof can be made without the leaves.
	const uniform: Uint8Array[] = [leafHash(new Uint8Array())];
	const read = (level: number): Uint8Array => {
		const below = uniform[level - 1];
		uniform[level] ??= below === undefined ? read(level) : nodeHash(below, below);
		return uniform[level] ?? emptyRoot();
	};
	for (let level = 0; level < 53; level++) read(level);
	for (const size of [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40 + 12_345, Number.MAX_SAFE_INTEGER]) {
		const head = { size, root: treeRoot(size, read) };
		for (const index of [0, 1, 2 ** 31, size - 1]) {
			const proof = inclusionProof(index, size, read);
			assert.ok(verifyInclusion(leafHash(new Uint8Array()), index, proof, head), `${index} of ${size}`);
		}
		const older = { size: 2 ** 31 + 7, root: treeRoot(2 ** 31 + 7, read) };
		assert.ok(verifyConsistency(older, head, consistencyProof(older.size, size, read)));
	}
});
