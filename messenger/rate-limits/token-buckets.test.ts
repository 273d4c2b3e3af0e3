import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import fc from "fast-check";
import { TokenBuckets } from "./token-buckets.ts";

const HOUR_MS = 3_600_000;

test("alice may look up four numbers at once, then one each quarter of an hour", () => {
	const clock = new ManualClock();
	const buckets = new TokenBuckets(clock, { capacity: 4, refillMs: HOUR_MS });
	for (let i = 0; i < 4; i++) buckets.spend("alice");
	assert.throws(
		() => buckets.spend("alice"),
		(error) => isRefusal(error, "RATE_LIMITED") && error.fields.retryAtMs === clock.now() + HOUR_MS / 4,
	);
	buckets.spend("bob");
	clock.advance(HOUR_MS / 4 - 1);
	assert.throws(() => buckets.spend("alice"));
	clock.advance(1);
	buckets.spend("alice");
	assert.throws(() => buckets.spend("alice"));
});

test("the time to try again is the first at which it works", () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.integer({ min: 0, max: 500_000 })), (capacity, pauses) => {
			const clock = new ManualClock();
			const buckets = new TokenBuckets(clock, { capacity, refillMs: HOUR_MS });
			const started = clock.now();
			let spent = 0;
			for (const pause of [...pauses, 0]) {
				clock.advance(pause);
				const retryAtMs = spendUntilRefused(buckets, () => spent++);
				assert.ok(retryAtMs > clock.now());
				clock.advance(retryAtMs - clock.now());
				buckets.spend("alice");
				spent++;
				assert.ok(spent <= capacity + ((clock.now() - started) * capacity) / HOUR_MS + 1e-6);
			}
		}),
	);
});

function spendUntilRefused(buckets: TokenBuckets, spent: () => void): number {
	for (;;) {
		try {
			buckets.spend("alice");
			spent();
		} catch (error) {
			assert.ok(isRefusal(error, "RATE_LIMITED"));
			return error.fields.retryAtMs ?? 0;
		}
	}
}

test("a crowd of strangers does not fill the memory, and who was limited a moment ago still is", () => {
	const clock = new ManualClock();
	const buckets = new TokenBuckets(clock, { capacity: 1, refillMs: HOUR_MS }, 100);
	for (let i = 0; i < 1000; i++) buckets.spend(`stranger ${i}`);
	assert.throws(() => buckets.spend("stranger 999"));
	assert.throws(() => buckets.spend("stranger 901"));
	// Forgotten under pressure: the price of bounded memory, paid by the limit and not by the server.
	buckets.spend("stranger 0");
});
