import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { LIMITS } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import fc from "fast-check";
import { Challenges } from "./challenges.ts";

const KEY = randomBytes(32);

test("a challenge is good once", () => {
	const challenges = new Challenges(new ManualClock(), KEY);
	const { challenge } = challenges.issue();
	assert.equal(challenge.length, 32);
	assert.ok(challenges.isOpen(challenge));
	assert.ok(challenges.redeem(challenge));
	assert.ok(!challenges.isOpen(challenge));
	assert.ok(!challenges.redeem(challenge));
	assert.ok(challenges.redeem(challenges.issue().challenge));
});

test("it dies after a minute, and its memory with it", () => {
	const clock = new ManualClock();
	const challenges = new Challenges(clock, KEY);
	const { challenge, expiresAtMs } = challenges.issue();
	assert.equal(expiresAtMs, clock.now() + LIMITS.challengeMs);
	clock.advance(LIMITS.challengeMs);
	assert.ok(challenges.isOpen(challenge));
	clock.advance(1);
	assert.ok(!challenges.redeem(challenge));
});

test("one that was redeemed stays so when others are forgotten around it", () => {
	const clock = new ManualClock();
	const challenges = new Challenges(clock, KEY);
	const early = challenges.issue().challenge;
	clock.advance(LIMITS.challengeMs - 1);
	assert.ok(challenges.redeem(early));
	clock.advance(1);
	for (let i = 0; i < 10; i++) assert.ok(challenges.redeem(challenges.issue().challenge));
	assert.ok(!challenges.redeem(early));
});

test("one from before the server started does not count: it may have been redeemed then", () => {
	const clock = new ManualClock();
	const before = new Challenges(clock, KEY);
	const { challenge } = before.issue();
	assert.ok(before.redeem(challenge));
	clock.advance(1);
	assert.ok(!new Challenges(clock, KEY).redeem(challenge));
});

test("nobody else can make one", () => {
	const clock = new ManualClock();
	const challenges = new Challenges(clock, KEY);
	assert.ok(!challenges.isOpen(new Challenges(clock, randomBytes(32)).issue().challenge));
	const { challenge } = challenges.issue();
	fc.assert(
		fc.property(fc.nat(31), fc.integer({ min: 1, max: 255 }), (index, flip) => {
			const forged = Uint8Array.from(challenge, (byte, at) => (at === index ? byte ^ flip : byte));
			assert.ok(!challenges.isOpen(forged));
		}),
	);
	fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => assert.ok(!challenges.redeem(bytes))));
});
