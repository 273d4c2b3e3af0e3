/** One parameter set, whichever way a client writes it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import * as v from "valibot";
import { GraphError } from "./graph-error.ts";
import { jsonOr, mergeParameters, readForm, readJsonBody, readParameters, WholeNumber } from "./parameters.ts";

const Shape = v.object({
	name: v.string(),
	daily_budget: v.optional(WholeNumber),
	targeting: v.optional(jsonOr(v.object({ age_min: v.optional(WholeNumber), countries: v.array(v.string()) }))),
});

const given = fc.record(
	{
		name: fc.string({ unit: "grapheme" }),
		daily_budget: fc.integer({ min: 0, max: 10 ** 12 }),
		targeting: fc.record({ age_min: fc.integer({ min: 13, max: 65 }), countries: fc.array(fc.string()) }),
	},
	{ requiredKeys: ["name"] },
);

/** Objects as JSON text, the way forms and query strings carry them. */
const asForm = (value: object) =>
	new URLSearchParams(
		Object.entries(value).map(([name, part]): [string, string] => [
			name,
			typeof part === "string" ? part : JSON.stringify(part),
		]),
	).toString();

test("JSON, form and query carry the same set", () => {
	fc.assert(
		fc.property(given, (value) => {
			const expected = readParameters(Shape, new Map(Object.entries(value)));
			assert.deepEqual(readParameters(Shape, readJsonBody(JSON.stringify(value))), expected);
			assert.deepEqual(readParameters(Shape, readForm(asForm(value))), expected);
		}),
		{ numRuns: rounds(200) },
	);
});

test("the body wins over the query, and nothing of either is lost", () => {
	const names = fc.dictionary(fc.string(), fc.string(), { maxKeys: 20 });
	fc.assert(
		fc.property(names, names, (query, body) => {
			const merged = mergeParameters(readForm(asForm(query)), readJsonBody(JSON.stringify(body)));
			for (const [name, value] of Object.entries(body)) assert.equal(merged.get(name), value);
			for (const [name, value] of Object.entries(query)) {
				if (!Object.hasOwn(body, name)) assert.equal(merged.get(name), value);
			}
			assert.deepEqual(new Set(merged.keys()), new Set([...Object.keys(query), ...Object.keys(body)]));
		}),
		{ numRuns: rounds(200) },
	);
});

test("names that mean something to JavaScript are names like others", () => {
	const read = readJsonBody('{"__proto__":{"admin":true},"constructor":"x","name":"spring"}');
	assert.equal(read.get("constructor"), "x");
	assert.equal(({} as Record<string, unknown>)["admin"], undefined);
	assert.deepEqual(readParameters(Shape, read), { name: "spring" });
});

test("a 64-bit session id keeps its digits", () => {
	const session = readJsonBody('{"session":{"session_id":9223372036854775807,"batch_seq":1}}').get("session");
	assert.deepEqual(session, { session_id: "9223372036854775807", batch_seq: 1 });
});

test("bodies that are no parameter set are error 100, and the answer does not quote them", () => {
	for (const body of ["{", "[]", '"15550100001"', "15550100001", "null"]) {
		assert.throws(
			() => readJsonBody(body),
			(error) => error instanceof GraphError && error.code === 100 && !error.message.includes("15550100001"),
		);
	}
	assert.equal(readJsonBody("").size, 0);
	assert.equal(readJsonBody("{}").size, 0);
	const many = new Map(Array.from({ length: 201 }, (_, index) => [`p${index}`, ""]));
	assert.throws(() => mergeParameters(many), { kind: "tooManyParameters" });
});

test("the first wrong parameter is named, what was sent is not", () => {
	const error = (value: object) => {
		try {
			readParameters(Shape, new Map(Object.entries(value)));
		} catch (thrown) {
			return (thrown as GraphError).message;
		}
		return "";
	};
	assert.equal(error({}), "name is required");
	assert.equal(error({ name: "x", daily_budget: "+15550100001" }), "daily_budget is not of its form");
	assert.equal(error({ name: "x", targeting: '{"countries":[5]}' }), "targeting.countries.0 is not of its form");
});
