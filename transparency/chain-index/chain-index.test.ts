/** The index of chain values: what is in it is found, what is not is shown not to be, and mallory can not bend it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { SHARE_LOG, seedOf } from "../_logs.ts";
import { flipped, readerOf } from "../_trees.ts";
import { auditIndex } from "../audit/audit-index.ts";
import { formatCheckpoint } from "../checkpoint/checkpoint.ts";
import { leafHash, nodeHash } from "../merkle/hash.ts";
import { inclusionProof, treeRoot } from "../merkle/tree.ts";
import { ed25519NoteSigner } from "../note/ed25519.ts";
import { formatNote } from "../note/signed-note.ts";
import { formatProof } from "../proof/tlog-proof.ts";
import { ProofError, type ProofErrorCode } from "../proof-error.ts";
import { leafOf } from "../shares/share-record.ts";
import { BucketTree, bucketBits, bucketHash, bucketOf, bucketStart, chainIndexRoot, compareValues } from "./buckets.ts";
import {
	bucketHas,
	type ChainIndexEntry,
	formatBucket,
	formatIndexEntry,
	formatIndexHead,
	openBucket,
	openIndexHead,
	parseIndexEntry,
} from "./chain-index.ts";

const INDEX = ed25519NoteSigner("share.example/index", seedOf(5));
const TRUST = { log: INDEX.vkey, witnesses: [], quorum: 0 };
const HASHERS = { leaf: leafHash, node: nodeHash };
const refusal =
	(...codes: ProofErrorCode[]) =>
	(error: unknown) =>
		error instanceof ProofError && codes.includes(error.code);

const valueAt = (n: number) => new Uint8Array(createHash("sha256").update(`value ${n}`).digest());
const valuesUpTo = (count: number) => Array.from({ length: count }, (_, n) => valueAt(n));

function bucketsOf(values: readonly Uint8Array[]) {
	const bits = bucketBits(values.length);
	const buckets: Uint8Array[][] = Array.from({ length: 2 ** bits }, () => []);
	for (const value of values) buckets[bucketOf(value, bits)]?.push(value);
	for (const bucket of buckets) bucket.sort(compareValues);
	const tree = new BucketTree(bits, nodeHash);
	tree.update(new Map(buckets.map((bucket, at) => [at, bucketHash(bucket)])));
	return { bits, buckets, tree };
}

/** An index in a log of its own, of which this is entry `place` of `length`. */
function publish(values: readonly Uint8Array[], change: Partial<ChainIndexEntry> = {}, place = 0, length = 1) {
	const { bits, buckets, tree } = bucketsOf(values);
	const shareRoot = new Uint8Array(32).fill(9);
	const facts = { origin: SHARE_LOG.name, size: values.length, shareRoot, bits, root: tree.root, atMs: 1 };
	const entry = formatIndexEntry({ ...facts, ...change });
	const entries = Array.from({ length }, (_, at) => new TextEncoder().encode(at === place ? entry : `other ${at}`));
	const read = readerOf(entries);
	const text = formatCheckpoint({ origin: INDEX.name, size: length, root: treeRoot(length, read) });
	const checkpoint = formatNote({ text, signatures: [INDEX.sign(text)] });
	const head = formatIndexHead(
		formatProof({ index: place, hashes: inclusionProof(place, length, read), checkpoint }),
		entry,
	);
	const bucket = (number: number, its = buckets[number] ?? []) => formatBucket(number, tree.prove(number), its, head);
	return { head, bucket, bits, buckets };
}

test("buckets have at least 64 values wherever the log has them, and hardly more than 256", () => {
	for (const size of [0, 1, 100, 255, 256, 511, 512, 5_000, 40_000]) {
		const sizes = bucketsOf(valuesUpTo(size)).buckets.map(({ length }) => length);
		assert.ok(Math.min(...sizes) >= Math.min(size, 64), `${size} leaves`);
		assert.ok(Math.max(...sizes) < 360, `${size} leaves`);
	}
});

test("every value is in its bucket and between the bucket's bounds, whatever the value and the bits", () => {
	fc.assert(
		fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 0, max: 32 }), (value, bits) => {
			const bucket = bucketOf(value, bits);
			assert.ok(bucket >= 0 && bucket < 2 ** bits);
			assert.ok(compareValues(bucketStart(bucket, bits), value) <= 0);
			assert.ok(compareValues(value, bucketStart(bucket + 1, bits)) <= 0);
		}),
		{ numRuns: rounds(300) },
	);
});

test("what is in the log is found, what is not is not", () => {
	for (const size of [0, 3, 300, 3_000]) {
		const { bucket, bits } = publish(valuesUpTo(size));
		const holds = (value: Uint8Array) =>
			bucketHas(openBucket(bucket(bucketOf(value, bits)), TRUST, SHARE_LOG.name), value);
		for (let n = 0; n < size; n += 97) assert.ok(holds(valueAt(n)));
		for (let n = size; n < size + 20; n++) assert.ok(!holds(valueAt(n)));
	}
});

test("a tree that grows bucket by bucket is the one that is made at once", () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 512, max: 1023 }), { minLength: 1, maxLength: 5 }), (steps) => {
			const sizes = steps.sort((a, b) => a - b);
			let tree = new BucketTree(2, nodeHash);
			for (const size of sizes) {
				const { buckets, bits } = bucketsOf(valuesUpTo(size));
				tree = new BucketTree(bits, nodeHash, tree);
				tree.update(new Map(buckets.map((bucket, at) => [at, bucketHash(bucket)])));
				assert.deepEqual(tree.root, chainIndexRoot(valuesUpTo(size), bits, HASHERS));
			}
		}),
		{ numRuns: rounds(10) },
	);
});

test("mallory takes a value out, puts them out of order, gives another bucket, or an older head", () => {
	const values = valuesUpTo(600);
	const { bucket, buckets, bits } = publish(values);
	const its = buckets[1] ?? [];
	const open = (text: string) => openBucket(text, TRUST, SHARE_LOG.name);
	assert.equal(open(bucket(1)).values.length, its.length);
	assert.throws(() => open(bucket(1, its.slice(1))), refusal("INDEX_WRONG"));
	assert.throws(() => open(bucket(1, its.toReversed())), refusal("INDEX_WRONG"));
	assert.throws(() => open(bucket(1, buckets[0])), refusal("INDEX_WRONG"));
	assert.throws(() => bucketHas(open(bucket(0)), its[0] ?? new Uint8Array()), refusal("INDEX_WRONG"));
	// She signs a root over buckets that are not sorted, or not where they belong.
	const swapped = [buckets[1] ?? [], buckets[0] ?? [], ...buckets.slice(2)];
	for (const wrong of [buckets.map((one) => one.toReversed()), swapped]) {
		const tree = new BucketTree(bits, nodeHash);
		tree.update(new Map(wrong.map((one, at) => [at, bucketHash(one)])));
		const { head } = publish(values, { root: tree.root });
		assert.throws(() => open(formatBucket(0, tree.prove(0), wrong[0] ?? [], head)), refusal("INDEX_WRONG"));
	}
	assert.throws(() => openIndexHead(publish(values, {}, 0, 2).head, TRUST, SHARE_LOG.name), refusal("NOT_INCLUDED"));
	assert.throws(() => openIndexHead(publish(values).head, TRUST, "other.example"), refusal("LOG_UNKNOWN"));
	// Finer buckets would tell who asks.
	assert.equal(parseIndexEntry(formatIndexEntry({ ...entryOf(600), bits: 5 })), undefined);
	assert.throws(() => openIndexHead(publish(values, { bits: 5 }).head, TRUST, SHARE_LOG.name), refusal("MALFORMED"));
});

const entryOf = (size: number): ChainIndexEntry => {
	const hash = new Uint8Array(32);
	return { origin: SHARE_LOG.name, size, shareRoot: hash, bits: bucketBits(size), root: hash, atMs: 1 };
};

test("no changed byte passes, and whatever comes is answered with a ProofError", () => {
	const text = new TextEncoder().encode(publish(valuesUpTo(300)).bucket(1));
	fc.assert(
		fc.property(fc.nat(8 * text.length - 1), (bit) => {
			const changed = new TextDecoder().decode(flipped(text, bit));
			assert.throws(
				() => openBucket(changed, TRUST, SHARE_LOG.name),
				(error: unknown) => error instanceof ProofError,
			);
		}),
		{ numRuns: rounds(60) },
	);
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom(..."troth-chain-bucket/v1\n0A= ") }), (other) => {
			assert.throws(
				() => openBucket(other, TRUST, SHARE_LOG.name),
				(error: unknown) => error instanceof ProofError,
			);
		}),
		{ numRuns: rounds(300) },
	);
});

test("an auditor who has the leaves finds every index that is not theirs", () => {
	const leaves = valuesUpTo(700).map((value, n) => leafOf(valueAt(-n), value, new Uint8Array(32)));
	const read = readerOf(leaves);
	const state = (size: number, change: Partial<ChainIndexEntry> = {}) => {
		const bits = bucketBits(size);
		const root = chainIndexRoot(valuesUpTo(size), bits, HASHERS);
		const facts = { origin: SHARE_LOG.name, size, shareRoot: treeRoot(size, read), bits, root, atMs: 1 };
		return new TextEncoder().encode(formatIndexEntry({ ...facts, ...change }));
	};
	let asked = 0;
	const audit = (...entries: readonly Uint8Array[]) =>
		auditIndex({ origin: SHARE_LOG.name, leaves, entries, random: (below) => ++asked % below });
	assert.deepEqual([audit().newest, audit().checked], [undefined, 0]);
	assert.equal(audit(state(0), state(300), state(700)).newest?.size, 700);
	const other = chainIndexRoot(valuesUpTo(699), bucketBits(700), HASHERS);
	const wrong = [
		[state(700, { root: other })],
		[state(0), state(300, { shareRoot: other }), state(300)].slice(0, 2),
		[state(300), state(0)],
		[state(700), new TextEncoder().encode(formatIndexEntry(entryOf(701)))],
		[state(700, { origin: "other.example" })],
	];
	for (const entries of wrong) assert.throws(() => audit(...entries), refusal("INDEX_WRONG"));
	assert.throws(() => audit(Uint8Array.of(1)), refusal("MALFORMED"));
});
