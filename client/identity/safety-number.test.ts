/** The computation of safety numbers, against a second implementation of its description. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { AccountId } from "@troth/protocol";
import { safetyNumber } from "./safety-number.ts";

const alice = { account: "0a".repeat(16) as AccountId, identityKey: "a1".repeat(32) };
const bob = { account: "0b".repeat(16) as AccountId, identityKey: "b2".repeat(32) };

function described({ account, identityKey }: typeof alice): string {
	const key = Buffer.from(identityKey, "hex");
	let hash = createHash("sha512")
		.update(Buffer.concat([Buffer.of(0, 1), key, Buffer.from(account, "hex"), key]))
		.digest();
	for (let n = 1; n < 5200; n++) hash = createHash("sha512").update(hash).update(key).digest();
	return [0, 5, 10, 15, 20, 25].map((at) => (hash.readUIntBE(at, 5) % 100_000).toString().padStart(5, "0")).join("");
}

test("sixty digits, as described, the same from both sides", () => {
	const digits = safetyNumber(alice, bob);
	assert.deepEqual(digits, safetyNumber(bob, alice));
	assert.equal(digits.join(""), [described(alice), described(bob)].sort().join(""));
	assert.equal(digits.length, 12);
});

test("another key or another account is another number", () => {
	const digits = safetyNumber(alice, bob).join("");
	assert.notEqual(safetyNumber(alice, { ...bob, identityKey: "b3".repeat(32) }).join(""), digits);
	assert.notEqual(safetyNumber(alice, { ...bob, account: "0c".repeat(16) as AccountId }).join(""), digits);
});
