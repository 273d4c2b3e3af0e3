import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { type AccountId, type DeviceId, LIMITS } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import fc from "fast-check";
import { Tokens } from "./tokens.ts";

const ALICE = { account: "aa".repeat(16) as AccountId, device: "0a".repeat(16) as DeviceId };

test("a token says whose it is for a quarter of an hour", () => {
	const clock = new ManualClock();
	const tokens = new Tokens(clock, randomBytes(32));
	const issuedAtMs = clock.now();
	const { token, expiresAtMs } = tokens.issue(ALICE);
	assert.equal(expiresAtMs, clock.now() + LIMITS.sessionMs);
	assert.match(token, /^[A-Za-z0-9_-]+$/);
	clock.advance(LIMITS.sessionMs - 1);
	assert.deepEqual(tokens.read(token), { ...ALICE, issuedAtMs });
	clock.advance(1);
	assert.equal(tokens.read(token), undefined);
});

test("a token of another installation, or with one letter changed, is none", () => {
	const clock = new ManualClock();
	const tokens = new Tokens(clock, randomBytes(32));
	const { token } = tokens.issue(ALICE);
	assert.equal(new Tokens(clock, randomBytes(32)).read(token), undefined);
	fc.assert(
		fc.property(fc.nat(token.length - 1), fc.constantFrom(..."ABCxyz019_-"), (index, letter) => {
			fc.pre(token[index] !== letter);
			assert.equal(tokens.read(token.slice(0, index) + letter + token.slice(index + 1)), undefined);
		}),
	);
	fc.assert(fc.property(fc.string(), (text) => assert.equal(tokens.read(text), undefined)));
	fc.assert(fc.property(fc.base64String(), (text) => assert.equal(tokens.read(text), undefined)));
});
