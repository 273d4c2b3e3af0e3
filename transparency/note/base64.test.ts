/** Base 64 is written as everybody writes it, and read in no other spelling. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { fromBase64, toBase64 } from "./base64.ts";

/** What Node makes of a text, if writing that gives the same text again. */
function nodeReads(text: string): Uint8Array | undefined {
	const bytes = Buffer.from(text, "base64");
	return bytes.toString("base64") === text ? new Uint8Array(bytes) : undefined;
}

test("every bytes are written as Node writes them, and read again", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
			const text = toBase64(bytes);
			assert.equal(text, Buffer.from(bytes).toString("base64"));
			assert.deepEqual(fromBase64(text), bytes);
		}),
		{ numRuns: rounds(300) },
	);
});

test("a text is read exactly where writing its bytes gives it again", () => {
	const unit = fc.constantFrom(..."ABgh/+w9=", "-", "_", " ", "\n", "é", "\u{1F600}");
	const texts = fc.array(unit, { maxLength: 12 }).map((units) => units.join(""));
	const seen = { read: 0, refused: 0 };
	const reads = (text: string) => {
		const bytes = nodeReads(text);
		assert.deepEqual(fromBase64(text), bytes, JSON.stringify(text));
		seen[bytes === undefined ? "refused" : "read"]++;
	};
	for (const text of [
		"",
		"=",
		"==",
		"===",
		"====",
		"A",
		"AA",
		"AA==",
		"AB==",
		"AAA=",
		"AAB=",
		"AA=A",
		"A===",
		"AAAA=AAA",
	])
		reads(text);
	fc.assert(fc.property(texts, reads), { numRuns: rounds(2000) });
	const digits = fc
		.array(fc.constantFrom(..."ABgh/+w9"), { minLength: 4, maxLength: 4 })
		.map((units) => units.join(""));
	const last = fc
		.tuple(digits, fc.integer({ min: 0, max: 3 }))
		.map(([text, cut]) => text.slice(0, 4 - cut) + "=".repeat(cut));
	fc.assert(
		fc.property(digits, last, (first, end) => reads(first + end)),
		{ numRuns: rounds(1000) },
	);
	assert.ok(seen.read > 100 && seen.refused > 100, JSON.stringify(seen));
});
