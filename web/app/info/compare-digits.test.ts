import assert from "node:assert/strict";
import { test } from "node:test";
import { compareDigits } from "./compare-digits.ts";

const groups = ["39201", "88412", "00731"];

test("bob's number, pasted with spaces and words, is the same", () => {
	assert.deepEqual(compareDigits(groups, "Mine is: 39201 88412\n00731."), { kind: "same" });
});

test("one wrong digit is one wrong group, told before the rest is there", () => {
	assert.deepEqual(compareDigits(groups, "39201 88413"), { kind: "differs", groups: 1 });
	assert.deepEqual(compareDigits(groups, "39201 88412 00732"), { kind: "differs", groups: 1 });
});

test("half a number is neither the same nor different, and a longer one is not the same", () => {
	assert.deepEqual(compareDigits(groups, "39201 88"), { kind: "incomplete", digits: 7 });
	assert.deepEqual(compareDigits(groups, ""), { kind: "incomplete", digits: 0 });
	assert.deepEqual(compareDigits(groups, "39201 88412 00731 11111"), { kind: "differs", groups: 1 });
	assert.notEqual(compareDigits(groups, "39201 88412 00731 1").kind, "same");
});
