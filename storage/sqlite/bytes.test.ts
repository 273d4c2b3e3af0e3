import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "./bytes.ts";

/** Numbers around every length a varint can have. */
const edges = Array.from({ length: 7 }, (_, group) => 2 ** (7 * (group + 1)))
	.flatMap((edge) => [edge - 1, edge, edge + 1])
	.concat(0, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32, Number.MAX_SAFE_INTEGER);

test("what is written is read back, whatever its size", () => {
	const value = fc.oneof(fc.maxSafeNat(), fc.constantFrom(...edges), fc.nat({ max: 300 }));
	const signed = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
	const item = fc.oneof(
		value.map((value) => ({ kind: "varint", value }) as const),
		signed.map((value) => ({ kind: "signed", value }) as const),
		fc.uint8Array({ maxLength: 300 }).map((value) => ({ kind: "blob", value }) as const),
		fc.string({ unit: "grapheme", maxLength: 20 }).map((value) => ({ kind: "text", value }) as const),
		fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => {
			return { kind: "hex", value: Buffer.from(bytes).toString("hex") } as const;
		}),
	);
	fc.assert(
		fc.property(fc.array(item), (items) => {
			// A small buffer, so that it has to grow.
			const out = new ByteWriter(new ArrayBuffer(4));
			for (const item of items) {
				if (item.kind === "varint") out.varint(item.value);
				else if (item.kind === "signed") out.signed(item.value);
				else if (item.kind === "blob") out.blob(item.value);
				else if (item.kind === "text") out.text(item.value);
				else out.hex(item.value, 16);
			}
			const from = ByteReader.over(out.copy());
			for (const { kind, value } of items) {
				const read = kind === "hex" ? from.hex(16) : from[kind]();
				assert.deepEqual(read, value);
			}
			assert.ok(from.done);
		}),
		{ numRuns: rounds(300) },
	);
	for (const edge of edges) {
		const out = new ByteWriter(new ArrayBuffer(16));
		out.varint(edge);
		assert.equal(ByteReader.over(out.copy()).varint(), edge);
	}
});

test("what cannot be written is refused, and bytes that end early are noticed", () => {
	const out = new ByteWriter(new ArrayBuffer(16));
	for (const wrong of [-1, 1.5, Number.NaN, 2 ** 53]) assert.throws(() => out.varint(wrong), RangeError);
	for (const wrong of ["", "ab", "zz".repeat(16), "ab".repeat(17)]) assert.throws(() => out.hex(wrong, 16), TypeError);
	out.blob(new Uint8Array(10));
	const bytes = out.copy();
	assert.throws(() => ByteReader.over(bytes.subarray(0, 5)).blob(), RangeError);
	assert.throws(() => ByteReader.over(new Uint8Array([255, 255])).varint(), RangeError);
});
