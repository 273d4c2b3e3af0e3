/** Names that change each quarter, and names that follow from a number: who can make them, and who can not. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { numberPseudonym, quarterlySubjectAt, quarterOf } from "./pseudonyms.ts";
import { subjectAt } from "./share-record.ts";

const dayOf = (text: string) => Date.parse(text) / (24 * 3600 * 1000);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const ALICE = new Uint8Array(32).fill(1);

test("a quarter begins on the first of January, April, July and October, in UTC", () => {
	for (const [day, quarter] of [
		["2026-01-01", "2026-Q1"],
		["2026-03-31", "2026-Q1"],
		["2026-04-01", "2026-Q2"],
		["2026-09-30", "2026-Q3"],
		["2026-10-01", "2026-Q4"],
		["2026-12-31", "2026-Q4"],
		["2027-01-01", "2027-Q1"],
	] as const)
		assert.equal(quarterOf(dayOf(day)), quarter);
});

test("no two of a person's names are the same, and none is somebody else's", () => {
	const keys = [ALICE, new Uint8Array(32).fill(2)];
	const names = keys.flatMap((key) => [
		hex(subjectAt(key, "family")),
		...["family", "photos"].flatMap((recipient) =>
			["usage_metrics", "other"].flatMap((purpose) =>
				["2026-Q4", "2027-Q1"].map((quarter) => hex(quarterlySubjectAt(key, recipient, purpose, quarter))),
			),
		),
	]);
	assert.equal(new Set(names).size, 2 * 9);
	assert.ok(names.every((name) => name.length === 32));
});

test("what is put together differently is another name", () => {
	const word = fc.stringMatching(/^[a-z_0-9-]{1,12}$/);
	fc.assert(
		fc.property(word, word, word, word, word, word, (a, b, c, d, e, f) => {
			fc.pre(a !== d || b !== e || c !== f);
			assert.notEqual(hex(quarterlySubjectAt(ALICE, a, b, c)), hex(quarterlySubjectAt(ALICE, d, e, f)));
		}),
		{ numRuns: rounds(100) },
	);
	assert.notEqual(
		hex(quarterlySubjectAt(ALICE, "family", "x", "y")),
		hex(quarterlySubjectAt(ALICE, "familyx", "", "y")),
	);
});

test("a number's name is HMAC-SHA256 under the key of the pair, and of nothing else", () => {
	const key = new Uint8Array(32).fill(5);
	const expected = createHmac("sha256", key).update("number+15550100001").digest("hex").slice(0, 32);
	assert.equal(hex(numberPseudonym(key, "+15550100001")), expected);
	assert.notEqual(hex(numberPseudonym(new Uint8Array(32).fill(6), "+15550100001")), expected);
	assert.notEqual(hex(numberPseudonym(key, "+15550100002")), expected);
	assert.throws(() => numberPseudonym(new Uint8Array(31), "+15550100001"), RangeError);
});
