/** What the public sees of a batch: nothing that tells one leaf from another (C6). */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import { LEAF_BYTES, leafOf } from "@troth/transparency";
import fc from "fast-check";
import { BATCH_MULTIPLE, padBatch } from "./batch.ts";

const context = randomBytes(32);
const itemOf = (item: number) => ({ item, commitment: randomBytes(32), chain: randomBytes(32) });

test("a batch has every item once, a size of full sixteens, and one context", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 100 }), (count) => {
			const items = Array.from({ length: count }, (_, at) => itemOf(at));
			const batch = padBatch(items, context);
			assert.equal(batch.length % BATCH_MULTIPLE, 0);
			assert.ok(batch.length - count < BATCH_MULTIPLE);
			const placed = batch.flatMap(({ item, leaf }) => (item === undefined ? [] : [{ item, leaf }]));
			assert.equal(placed.length, count);
			for (const { item, leaf } of placed) {
				const { commitment, chain } = items[item] ?? itemOf(item);
				assert.deepEqual(leaf, leafOf(commitment, chain, context));
			}
			for (const { leaf } of batch) {
				assert.equal(leaf.length, LEAF_BYTES);
				assert.deepEqual(Buffer.from(leaf.subarray(65)), context);
			}
			assert.equal(new Set(batch.map(({ leaf }) => Buffer.from(leaf).toString("hex"))).size, batch.length);
		}),
		{ numRuns: rounds(50) },
	);
});

test("where an item stands in its batch is left to chance", () => {
	const counts = new Array<number>(BATCH_MULTIPLE).fill(0);
	const runs = 1600;
	for (let run = 0; run < runs; run++) {
		const place = padBatch([itemOf(0), itemOf(1)], context).findIndex(({ item }) => item === 0);
		counts[place] = (counts[place] ?? 0) + 1;
	}
	// Each place about 100 times; 60 or 140 would be four standard deviations away.
	assert.ok(Math.min(...counts) > 55 && Math.max(...counts) < 150, counts.join());
});
