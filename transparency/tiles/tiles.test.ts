/** Where tiles lie, what is in them, and how hashes come back out of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { readerOf, someLeaves } from "../_trees.ts";
import { ProofError } from "../proof-error.ts";
import { decodeEntryBundle, encodeEntryBundle } from "./entry-bundle.ts";
import { hashesInTiles, tileOfHash } from "./tile.ts";
import { hashesAtLevel, parseTilePath, TILE_WIDTH, tileAt, tilePath } from "./tile-path.ts";

test("paths are those of the specification", () => {
	assert.equal(tilePath({ level: 0, index: 1_234_067, width: 256 }), "tile/0/x001/x234/067");
	assert.equal(tilePath({ level: 2, index: 0, width: 1 }), "tile/2/000.p/1");
	assert.equal(tilePath({ level: "entries", index: 273, width: 112 }), "tile/entries/273.p/112");
	for (const wrong of [
		"tile/0/x000/001",
		"tile/00/001",
		"tile/64/001",
		"tile/0/1",
		"tile/0/0001",
		"tile/0/001.p/0",
		"tile/0/001.p/256",
		"tile/0/001.p/07",
		"tile/0/001/x002",
		"tile/0/../001",
		"tile/entries/001.p/",
		"/tile/0/001",
		"checkpoint",
		"",
	])
		assert.equal(parseTilePath(wrong), undefined, wrong);
});

test("a path that was written is read back, and no other is read", () => {
	const level = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant("entries" as const));
	const width = fc.integer({ min: 1, max: 256 });
	const address = fc.record({ level, index: fc.maxSafeNat(), width }, { noNullPrototype: true });
	fc.assert(fc.property(address, (one) => assert.deepEqual(parseTilePath(tilePath(one)), one)));
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom(..."tile/entris.p0129x") }), (path) => {
			const parsed = parseTilePath(path);
			if (parsed !== undefined) assert.equal(tilePath(parsed), path);
		}),
	);
});

test("a tree of 70 000 has the tiles that the specification counts", () => {
	const count = (level: number) => Math.ceil(hashesAtLevel(70_000, level) / TILE_WIDTH);
	assert.deepEqual([0, 1, 2, 3].map(count), [274, 2, 1, 0]);
	assert.deepEqual(tileAt(70_000, 0, 273), { level: 0, index: 273, width: 112 });
	assert.deepEqual(tileAt(70_000, "entries", 273), { level: "entries", index: 273, width: 112 });
	assert.deepEqual(tileAt(70_000, 1, 1), { level: 1, index: 1, width: 17 });
	assert.deepEqual(tileAt(70_000, 2, 0), { level: 2, index: 0, width: 1 });
	assert.equal(tileAt(70_000, 0, 274), undefined);
	assert.equal(tileAt(256, 0, 1), undefined, "empty tiles do not exist");
});

const LEAVES = someLeaves(70_000);
const READ = readerOf(LEAVES);

/** The tiles of the tree, by the definition. */
function tileBytes(level: number, index: number): Uint8Array {
	const width = tileAt(LEAVES.length, level, index)?.width ?? 0;
	return Buffer.concat(Array.from({ length: width }, (_, at) => READ(8 * level, index * TILE_WIDTH + at)));
}

test("every hash of the tree is found in its tile", () => {
	const read = hashesInTiles(tileBytes);
	const level = fc.integer({ min: 0, max: 16 });
	fc.assert(
		fc.property(level, fc.nat(), (at, any) => {
			const count = Math.floor(LEAVES.length / 2 ** at);
			const index = any % count;
			assert.deepEqual(Buffer.from(read(at, index)), Buffer.from(READ(at, index)));
			const tile = tileOfHash(at, index);
			assert.ok(tileAt(LEAVES.length, tile.level, tile.index) !== undefined);
		}),
		{ numRuns: rounds(60) },
	);
	assert.throws(() => read(0, LEAVES.length), ProofError, "past the end of a partial tile");
});

test("entry bundles come back as they went in, and nothing else is one", () => {
	const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: TILE_WIDTH });
	fc.assert(fc.property(entries, (some) => assert.deepEqual(decodeEntryBundle(encodeEntryBundle(some)), some)));
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
			try {
				assert.deepEqual(encodeEntryBundle(decodeEntryBundle(bytes)), bytes);
			} catch (error) {
				if (!(error instanceof ProofError)) throw error;
			}
		}),
		{ numRuns: rounds(200) },
	);
	assert.throws(() => decodeEntryBundle(encodeEntryBundle(someLeaves(TILE_WIDTH + 1))), ProofError);
	assert.throws(() => encodeEntryBundle([new Uint8Array(65_536)]), RangeError);
});
