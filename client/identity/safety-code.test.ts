/** Codes that are scanned: what they say, what they refuse, and that they cover every bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountId } from "@troth/protocol";
import { compareCode, compareDigits, readSafetyCode, safetyCode } from "./safety-code.ts";
import { safetyNumber } from "./safety-number.ts";

const alice = { account: "0a".repeat(16) as AccountId, identityKey: "a1".repeat(32) };
const bob = { account: "0b".repeat(16) as AccountId, identityKey: "b2".repeat(32) };
const forged = "b3".repeat(32);
const shown = (from: typeof alice, to: typeof alice) =>
	readSafetyCode(safetyCode("https://troth.example", from, to)) ?? assert.fail("a code is read back");

test("a code is an address of the app, and read back as it was", () => {
	const address = safetyCode("https://troth.example", bob, alice);
	assert.match(address, /^https:\/\/troth\.example\/#\/verify\/[A-Za-z0-9_-]{124}$/);
	const code = readSafetyCode(` ${address}\n`);
	assert.deepEqual([code?.from, code?.to], [bob.account, alice.account]);
	assert.deepEqual(readSafetyCode(address.slice(-124)), code);
});

test("what bob shows is compared with both keys that alice knows", () => {
	assert.equal(compareCode(shown(bob, alice), alice, bob, undefined), "same");
	// The server gave alice another key for bob, or bob another one for alice.
	assert.equal(compareCode(shown(bob, alice), alice, { ...bob, identityKey: forged }, undefined), "differs");
	assert.equal(compareCode(shown(bob, { ...alice, identityKey: forged }), alice, bob, undefined), "differs");
	// Alice has pinned a wrong one and refused the right one.
	assert.equal(compareCode(shown(bob, alice), alice, { ...bob, identityKey: forged }, bob.identityKey), "offered");
	assert.equal(compareCode(shown(alice, bob), alice, bob, undefined), "for-another");
});

test("one other bit anywhere in a fingerprint differs", () => {
	const code = shown(bob, alice);
	for (const at of [0, 13, 29]) {
		const [theirs, mine] = [code.theirs.slice(), code.mine.slice()];
		theirs[at] = (theirs[at] ?? 0) ^ 1;
		mine[at] = (mine[at] ?? 0) ^ 128;
		assert.equal(compareCode({ ...code, theirs }, alice, bob, undefined), "differs");
		assert.equal(compareCode({ ...code, mine }, alice, bob, undefined), "differs");
	}
});

test("sixty digits do as well, and other text is none", () => {
	const digits = safetyNumber(alice, bob).join(" ");
	assert.equal(compareDigits(digits, alice, bob, undefined), "same");
	assert.equal(compareDigits(digits, alice, { ...bob, identityKey: forged }, bob.identityKey), "offered");
	assert.equal(
		compareDigits(
			digits.replace(/^\d/, (first) => String((Number(first) + 1) % 10)),
			alice,
			bob,
			undefined,
		),
		"differs",
	);
	for (const odd of ["", "12345", `${digits} 1`, "hello"])
		assert.equal(compareDigits(odd, alice, bob, undefined), undefined);
});
