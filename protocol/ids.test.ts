import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AccountId, fromHex, idBytes, readBlobId, readId, toHex } from "./ids.ts";

test("an id survives the way to the wire and back", () => {
	fc.assert(
		fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
			const id = readId<AccountId>(bytes);
			assert.ok(id !== undefined);
			assert.deepEqual(idBytes(id), new Uint8Array(bytes));
		}),
	);
});

test("bytes of another length are no id and no blob address", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
			assert.equal(readId(bytes) === undefined, bytes.length !== 16);
			assert.equal(readBlobId(bytes) === undefined, bytes.length !== 32);
		}),
	);
});

test("text that is not lower-case hexadecimal of whole bytes is refused", () => {
	for (const text of ["0", "0g", "AB", " 00", "00 ", "0x00"]) assert.equal(fromHex(text), undefined);
	assert.equal(toHex(Uint8Array.of(0, 15, 255)), "000fff");
});
