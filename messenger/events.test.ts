import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountId, DeviceId } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { Events } from "./events.ts";

test("an event is one line of JSON and one more in its counter", () => {
	const lines: string[] = [];
	const events = new Events(new ManualClock(), (line) => lines.push(line));
	events.accountCreated("aa".repeat(16) as AccountId, "bb".repeat(16) as DeviceId);
	events.codeChecked("wrong");
	events.codeChecked("wrong");
	assert.deepEqual(JSON.parse(lines[0] ?? ""), {
		time: "2026-11-22T12:00:00.000Z",
		level: "info",
		event: "account-created",
		account: "aa".repeat(16),
		device: "bb".repeat(16),
	});
	assert.equal(events.counters().get("code-checked{wrong}"), 2);
	assert.equal(lines.length, 3);
});

test("an engine's error that quotes a number or a code is written without it", () => {
	const lines: string[] = [];
	const events = new Events(new ManualClock(), (line) => lines.push(line));
	const cause = new Error("Key (phone)=(+15550100001) already exists");
	events.failed("RequestCode", new Error("no route to +1 555 010 0001, code 123456", { cause }));
	const text = lines.join("");
	assert.doesNotMatch(text, /5550100001|555 010|123456/);
	assert.match(text, /no route to/);
	assert.match(text, /already exists/);
});

test("a log that can not be written stops nothing", () => {
	const events = new Events(new ManualClock(), () => {
		throw new Error("disk full");
	});
	events.stopped();
	assert.equal(events.counters().get("stopped"), 1);
});
