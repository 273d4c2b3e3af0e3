import assert from "node:assert/strict";
import { test } from "node:test";
import { SystemClock, sleep } from "./clock.ts";

test("moving the clock forward fires what falls due, in order, and nothing else", async () => {
	const clock = new SystemClock();
	const start = clock.now();
	const fired: string[] = [];
	clock.after(2 * 3600_000, () => fired.push("two hours"));
	clock.after(3600_000, () => fired.push("one hour"));
	const later = clock.after(30 * 24 * 3600_000, () => fired.push("thirty days"));
	const cancelled = clock.after(1000, () => fired.push("cancelled"));
	cancelled.cancel();
	clock.advance(3 * 3600_000);
	await sleep(clock, 20);
	assert.deepEqual(fired, ["one hour", "two hours"]);
	assert.ok(clock.now() - start >= 3 * 3600_000);
	later.cancel();
});

test("a wait longer than the longest timeout of the machine still ends on its day", async () => {
	const clock = new SystemClock();
	let ended = false;
	clock.after(60 * 24 * 3600_000, () => {
		ended = true;
	});
	clock.advance(59 * 24 * 3600_000);
	await sleep(clock, 10);
	assert.equal(ended, false);
	clock.advance(25 * 3600_000);
	await sleep(clock, 10);
	assert.equal(ended, true);
});

test("the clock never goes back, and a sleep ends when it is called off", async () => {
	const clock = new SystemClock();
	assert.throws(() => clock.advance(-1), RangeError);
	assert.throws(() => clock.advance(Number.NaN), RangeError);
	const stop = new AbortController();
	const slept = sleep(clock, 3600_000, stop.signal);
	stop.abort();
	await slept;
	await sleep(clock, 3600_000, stop.signal);
});
