/** Batches as both SDKs write them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { MOST_BATCHED, readBatch, readBatchedBody } from "./batch.ts";

const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => typeof value === "object" && value !== null);
const bodies = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z_]{1,12}$/), json), {
	selector: ([name]) => name,
	maxLength: 6,
});

test("JSON values that are not percent-encoded come back whole, ampersands and quotes included", () => {
	fc.assert(
		fc.property(bodies, (parameters) => {
			const body = parameters.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join("&");
			const expected = parameters.map(([name, value]) => [name, JSON.stringify(value)]);
			assert.deepEqual([...readBatchedBody(body)], expected);
		}),
		{ numRuns: rounds(300) },
	);
});

test("percent-encoded values come back whole", () => {
	const text = fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), fc.string({ unit: "grapheme" }));
	fc.assert(
		fc.property(text, (parameters) => {
			const body = Object.entries(parameters)
				.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
				.join("&");
			for (const [name, value] of Object.entries(parameters)) {
				if (/^".*"$/s.test(value)) continue;
				assert.equal(readBatchedBody(body).get(name), value);
			}
		}),
		{ numRuns: rounds(300) },
	);
});

test("any text is read without an error", () => {
	fc.assert(
		fc.property(fc.string(), (body) => {
			readBatchedBody(body);
		}),
		{ numRuns: rounds(500) },
	);
});

test("bodies as the SDKs write them", () => {
	const read = (body: string) => Object.fromEntries(readBatchedBody(body));
	assert.deepEqual(read('name=Smith & Sons: 50% off&special_ad_categories=[]&status="PAUSED"'), {
		name: "Smith & Sons: 50% off",
		special_ad_categories: "[]",
		status: "PAUSED",
	});
	assert.deepEqual(read("name=Spring+sale%21&targeting=%7B%22age_min%22%3A18%7D"), {
		name: "Spring sale!",
		targeting: '{"age_min":18}',
	});
	assert.deepEqual(read('payload={"schema":"PHONE","data":["a&b=c","}"]}&x=1'), {
		payload: '{"schema":"PHONE","data":["a&b=c","}"]}',
		x: "1",
	});
});

test("a batch is a list or its JSON text, of at most fifty calls", () => {
	const calls = [{ method: "GET", relative_url: "act_1001/campaigns?limit=1", name: "list" }];
	for (const batch of [calls, JSON.stringify(calls)]) {
		assert.deepEqual(readBatch(new Map([["batch", batch]])), [
			{ method: "GET", relativeUrl: "act_1001/campaigns?limit=1", body: new Map() },
		]);
	}
	const full = Array.from({ length: MOST_BATCHED }, () => calls[0]);
	assert.equal(readBatch(new Map([["batch", full]])).length, 50);
	for (const batch of [[...full, calls[0]], "x", [{ method: "PUT", relative_url: "" }], [5], undefined]) {
		assert.throws(() => readBatch(new Map([["batch", batch]])), { kind: "invalidParameter" });
	}
});
