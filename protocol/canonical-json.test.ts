import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson, type Json } from "./canonical-json.ts";
import { termsTextBytes } from "./terms-text.ts";

test("keys are sorted by code units at every depth, and white space is gone", () => {
	assert.equal(
		canonicalJson({ b: [1, { z: null, a: true }], a: "x", "\u20ac": 1, "\r": 2, "1": 3 }),
		'{"\\r":2,"1":3,"a":"x","b":[1,{"a":true,"z":null}],"\u20ac":1}',
	);
});

test("strings are escaped as RFC 8785 section 3.2.2.2 says", () => {
	assert.equal(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/'), String.raw`"€$\u000f\nA'B\"\\\\\"/"`);
});

test("what has no single spelling is refused", () => {
	assert.throws(() => canonicalJson(0.5), TypeError);
	assert.throws(() => canonicalJson(Number.NaN), TypeError);
	assert.throws(() => canonicalJson(2 ** 60), TypeError);
	assert.throws(() => canonicalJson("\ud800"), TypeError);
	assert.equal(canonicalJson(-0), "0");
});

test("any value reads back, and the order of its keys does not matter", () => {
	const integers = fc.maxSafeInteger();
	const { json } = fc.letrec<{ json: Json }>((tie) => ({
		json: fc.oneof(
			{ maxDepth: 4 },
			fc.constant(null),
			fc.boolean(),
			integers,
			fc.string({ unit: "grapheme" }),
			fc.array(tie("json")),
			fc.dictionary(fc.string({ unit: "grapheme" }), tie("json")),
		),
	}));
	fc.assert(
		fc.property(json, (value) => {
			const text = canonicalJson(value);
			assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
			assert.equal(canonicalJson(reversed(value)), text);
		}),
	);
});

function reversed(value: Json): Json {
	if (Array.isArray(value)) return value.map(reversed);
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(
		Object.entries(value as Record<string, Json>)
			.reverse()
			.map(([key, member]) => [key, reversed(member)]),
	);
}

test("the text that is accepted includes its locale, and ignores what stands around it", () => {
	const text = { locale: "en", summary: ["a"], documents: [{ id: "terms", title: "T", body: "B" }] };
	const wire = { ...text, documents: [{ $typeName: "troth.v1.TermsDocument", ...text.documents[0] }] };
	assert.deepEqual(termsTextBytes(wire as unknown as typeof text), termsTextBytes(text));
	assert.notDeepEqual(termsTextBytes({ ...text, locale: "de" }), termsTextBytes(text));
});
