import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { readNumbers } from "./read-numbers.ts";

const read = (text: string, country?: string) => {
	const { numbers, unreadable } = readNumbers(text, country);
	return { numbers: [...numbers], unreadable };
};

test("lines of numbers, however they are written, each once", () => {
	assert.deepEqual(read("+1 555 010 0001\n+1 (555) 010-0002, +15550100001;\n\nBob\n0003"), {
		numbers: ["+15550100001", "+15550100002"],
		unreadable: 1,
	});
	assert.deepEqual(read("(555) 010-0004", "us"), { numbers: ["+15550100004"], unreadable: 0 });
	assert.deepEqual(read("(555) 010-0004", "zz"), { numbers: [], unreadable: 1 });
	assert.deepEqual(read("", "us"), { numbers: [], unreadable: 0 });
});

test("vCards as phones export them", () => {
	const card = [
		"BEGIN:VCARD",
		"VERSION:4.0",
		"FN:Bob 555 010 9999",
		"TEL;VALUE=uri;TYPE=cell:tel:+1-555-010-0002",
		"item1.TEL;TYPE=HOME:+1 555 010",
		"  0003",
		"tel:+1 555 010 0005",
		"NOTE:call +1 555 010 9999",
		"END:VCARD",
	];
	assert.deepEqual(read(card.join("\r\n")).numbers, ["+15550100002", "+15550100003", "+15550100005"]);
});

test("whatever is pasted, only numbers come out", () => {
	fc.assert(
		fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.boolean(), (text, card) => {
			for (const number of readNumbers(card ? `BEGIN:VCARD\nTEL:${text}` : text).numbers)
				assert.match(number, /^\+\d{5,15}$/);
		}),
		{ numRuns: rounds(200) },
	);
});
