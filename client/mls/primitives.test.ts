/** What is done by libsodium gives the same as `node:crypto`, on every side of the lengths where one takes over. */
import assert from "node:assert/strict";
import { createHash, createHmac, hkdfSync } from "node:crypto";
import { test } from "node:test";
import { fromHex, toHex } from "@troth/protocol";
import fc from "fast-check";
import { hkdf, mlsHash } from "./primitives.node.ts";

const sha512 = mlsHash("SHA-512");
const around = (length: number) => fc.integer({ min: length - 2, max: length + 2 });
const bytesOf = (lengths: fc.Arbitrary<number>) =>
	lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
const KEYS = bytesOf(fc.oneof(fc.nat(70), around(128)));
const TEXTS = bytesOf(fc.oneof(fc.nat(300), around(4096), around(128 + 4096)));

test("hashes and MACs of all lengths", async () => {
	await fc.assert(
		fc.asyncProperty(KEYS, TEXTS, async (key, text) => {
			assert.equal(toHex(await sha512.digest(text)), createHash("sha512").update(text).digest("hex"));
			const tag = await sha512.mac(key, text);
			assert.equal(toHex(tag), createHmac("sha512", key).update(text).digest("hex"));
			assert.ok(await sha512.verifyMac(key, tag, text));
			assert.ok(!(await sha512.verifyMac(key, tag.with(5, (tag[5] ?? 0) ^ 1), text)));
		}),
	);
});

test("HKDF of one block and of many, one after the other", () => {
	fc.assert(
		fc.property(KEYS, KEYS, TEXTS, fc.integer({ min: 1, max: 400 }), (salt, secret, info, length) => {
			const { extract, expand } = hkdf("sha512");
			const expected = Buffer.from(hkdfSync("sha512", secret, salt, info.subarray(0, 1000), length)).toString("hex");
			assert.equal(toHex(expand(extract(salt, secret), info.subarray(0, 1000), length)), expected);
		}),
	);
});

test("HMAC-SHA-512 of RFC 4231, test case 1", async () => {
	const tag = await sha512.mac(new Uint8Array(20).fill(0x0b), new TextEncoder().encode("Hi There"));
	const known =
		"87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854";
	assert.deepEqual(tag, fromHex(known));
});
