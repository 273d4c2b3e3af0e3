/** Both ways to hash say the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import * as native from "./sha256.node.ts";
import * as portable from "./sha256.ts";

const parts = fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 4 });

test("Node's hash and the portable one are the same, in one part or in several", () => {
	fc.assert(
		fc.property(parts, (parts) => {
			assert.deepEqual(native.sha256(...parts), portable.sha256(...parts));
			assert.deepEqual(native.sha256(Buffer.concat(parts)), portable.sha256(...parts));
		}),
		{ numRuns: rounds(200) },
	);
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	assert.equal(Buffer.from(native.sha256(Buffer.from("abc"))).toString("hex"), abc);
});

test("a hash is memory of its own", () => {
	assert.equal(native.sha256(new Uint8Array()).buffer.byteLength, 32);
});
