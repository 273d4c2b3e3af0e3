import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal, type PhoneNumber } from "@troth/protocol";
import fc from "fast-check";
import { readPhoneNumber, regionOfNumber } from "./phone-numbers.ts";

test("a number is one number however it is typed", () => {
	for (const typed of ["+15550100001", "+1 555 010 0001", "+1 (555) 010-0001", "  +1-555-010-0001 "])
		assert.equal(readPhoneNumber(typed), "+15550100001", typed);
	assert.equal(readPhoneNumber("+49 30 901820"), "+4930901820");
});

test("what can not be a number is refused, and not repeated", () => {
	const texts = [
		"",
		"alice",
		"5550100001",
		"+1",
		"+1555",
		"+1555010000100001",
		"+15550100001 ext. 5",
		`+1555${" ".repeat(50)}0100001`,
	];
	for (const typed of texts) {
		assert.throws(
			() => readPhoneNumber(typed),
			(error) => isRefusal(error, "PHONE_INVALID") && !/\d/.test(error.message),
			typed,
		);
	}
});

test("any text is a number in E.164 or refused", () => {
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\+[0-9 ()-]{0,24}$/)), (typed) => {
			try {
				assert.match(readPhoneNumber(typed), /^\+[1-9]\d{1,14}$/);
			} catch (error) {
				assert.ok(isRefusal(error, "PHONE_INVALID"), String(error));
			}
		}),
	);
});

test("a number says where it is from, and one of nobody says where its code is mostly used", () => {
	const regions: readonly (readonly [string, string | undefined])[] = [
		["+4930901820", "DE"],
		["+14165551234", "CA"],
		["+15550100001", "US"],
		["+447700900123", "GB"],
		["+88312345", undefined],
	];
	for (const [number, region] of regions) assert.equal(regionOfNumber(number as PhoneNumber), region, number);
});
