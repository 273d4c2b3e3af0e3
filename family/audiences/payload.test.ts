/** Uploads are read from anything a client may send: an answer or a typed refusal, and never the value itself. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { GraphError } from "../graph/graph-error.ts";
import { countBand } from "./counts.ts";
import { readUpload } from "./payload.ts";

const read = (parameters: object) => readUpload(new Map(Object.entries(parameters)));

test("any value is read or refused with a GraphError", () => {
	const cell = fc.oneof(fc.string(), fc.jsonValue(), fc.constant("ab".repeat(32)));
	const payload = fc.record(
		{
			schema: fc.oneof(
				fc.constantFrom("PHONE", "EMAIL_SHA256", "__proto__", "constructor"),
				fc.array(fc.string()),
				fc.jsonValue(),
			),
			data: fc.oneof(fc.array(fc.oneof(cell, fc.array(cell))), fc.jsonValue()),
		},
		{ requiredKeys: [] },
	);
	const session = fc.record({ session_id: fc.jsonValue(), batch_seq: fc.jsonValue() }, { requiredKeys: [] });
	const parameters = fc.record({ payload: fc.oneof(payload, fc.jsonValue()), session }, { requiredKeys: [] });
	fc.assert(
		fc.property(parameters, fc.boolean(), (given, asText) => {
			const sent = asText
				? Object.fromEntries(Object.entries(given).map(([name, value]) => [name, JSON.stringify(value)]))
				: given;
			try {
				const upload = read(sent);
				assert.ok(upload.invalid <= upload.received && Object.keys(upload.samples).length <= 5);
			} catch (error) {
				assert.ok(error instanceof GraphError, String(error));
			}
		}),
		{ numRuns: rounds(500) },
	);
});

test("every hashed key is found, in whichever form the rows come", () => {
	const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
	fc.assert(
		fc.property(fc.array(digest, { maxLength: 20 }), fc.boolean(), fc.boolean(), (digests, upper, rows) => {
			const hex = digests.map((bytes) => Buffer.from(bytes).toString("hex"));
			const cells = upper ? hex.map((text) => text.toUpperCase()) : hex;
			const upload = read({ payload: { schema: "PHONE", data: rows ? cells.map((text) => [text]) : cells } });
			assert.deepEqual([upload.received, upload.invalid], [digests.length, 0]);
			assert.deepEqual(
				upload.keys.map(({ kind, digest }) => [kind, Buffer.from(digest).toString("hex")]),
				hex.map((text) => ["phone", text]),
			);
		}),
		{ numRuns: rounds(100) },
	);
});

test("only phone and e-mail are kept of a row, the rest is dropped here", () => {
	const hash = (text: string) => createHash("sha256").update(text).digest("hex");
	const upload = read({
		payload: {
			schema: ["FN", "PHONE", "ZIP", "EMAIL", "EXTERN_ID"],
			data: [
				[hash("carla"), hash("15550100003"), hash("12345"), hash("carla@example.org"), "7"],
				["", "", hash("12345"), "", ""],
				["", "", "", "", ""],
			],
		},
	});
	assert.deepEqual(
		upload.keys.map(({ kind }) => kind),
		["phone", "email"],
	);
	assert.deepEqual([upload.received, upload.invalid, Object.keys(upload.samples)], [3, 1, ["2"]]);
});

test("a published size is a band of two digits, and always the same below a thousand", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 10 ** 8 }), fc.double({ min: -1, max: 1, noNaN: true }), (matched, noise) => {
			const { lower, upper } = countBand(matched, noise);
			assert.ok(lower >= 1000 && upper >= lower);
			assert.match(String(lower), /^[1-9]\d0*$/);
			if (matched < 950) assert.deepEqual([lower, upper], [1000, 1000]);
			else assert.ok(lower <= matched * 1.06 && upper * 1.06 >= matched);
		}),
		{ numRuns: rounds(300) },
	);
	for (let matched = 1; matched < 900; matched++) {
		assert.deepEqual(countBand(matched, 1), countBand(0, -1));
	}
});
