/** The searcher itself: it finds what is hidden in each form, and nothing where there is nothing. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { tracesIn } from "./_traces.ts";

const MARKER = "meet me at the lighthouse";

const hidden: Record<string, (text: string, before: number) => Buffer> = {
	"utf-8": (text) => Buffer.from(text),
	"utf-16le": (text) => Buffer.from(text, "utf16le"),
	"utf-16be": (text) => Buffer.from(text, "utf16le").swap16(),
	hex: (text) => Buffer.from(Buffer.from(text).toString("hex")),
	HEX: (text) => Buffer.from(Buffer.from(text).toString("hex").toUpperCase()),
	base64: (text, before) =>
		Buffer.from(Buffer.concat([randomBytes(before), Buffer.from(text), randomBytes(5)]).toString("base64")),
	base64url: (text, before) =>
		Buffer.from(Buffer.concat([randomBytes(before), Buffer.from(text), randomBytes(5)]).toString("base64url")),
};

for (const [form, hide] of Object.entries(hidden)) {
	test(`a text hidden as ${form} is found wherever it lies`, () => {
		for (let before = 0; before < 9; before++) {
			const bytes = Buffer.concat([randomBytes(before), hide(MARKER, before), randomBytes(7)]);
			assert.ok(tracesIn("memory", bytes, [MARKER]).length > 0, `${before} bytes before`);
		}
	});
}

test("random bytes contain no trace", () => {
	assert.deepEqual(tracesIn("memory", randomBytes(1 << 20), [MARKER]), []);
});

test("a marker that chance would find is refused", () => {
	assert.throws(() => tracesIn("memory", Buffer.alloc(0), ["short"]), RangeError);
});
