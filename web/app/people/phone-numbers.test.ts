import assert from "node:assert/strict";
import { test } from "node:test";
import { internationally, readNumber } from "./phone-numbers.ts";

test("alice's number is written as she types it, and known when it is complete", () => {
	assert.deepEqual(readNumber("+1555010", undefined), { formatted: "+1 555 010", e164: undefined, country: undefined });
	const complete = readNumber("+1 (555) 010-0001", undefined);
	assert.equal(complete.e164, "+15550100001");
	assert.equal(readNumber("+49 30 901820", undefined).country, "Germany");
});

test("without a country code a number is one of the region", () => {
	assert.equal(readNumber("030 901820", "DE").e164, "+4930901820");
	assert.equal(readNumber("030 901820", undefined).e164, undefined);
});

test("a number is shown in one piece, and what is none stays as it is", () => {
	assert.equal(internationally("+15550100001"), "+1\u00a0555\u00a0010\u00a00001");
	assert.equal(internationally("Bob"), "Bob");
});
