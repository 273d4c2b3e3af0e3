import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Untrusted } from "@troth/client/identity/untrusted.ts";
import type { Clock } from "@troth/protocol";
import { Refusal } from "@troth/protocol";
import { Browser, CHAT, FastClock, soon, Tab } from "./_tabs.ts";
import { fromOutcome, HandedOver, toOutcome } from "./wire.ts";

const tabs: Tab[] = [];

function openTab(browser: Browser, clock?: Clock): Tab {
	const tab = new Tab(browser, clock);
	tabs.push(tab);
	return tab;
}

afterEach(() => {
	for (const tab of tabs.splice(0)) tab.close();
});

const send = (tab: Tab, text: string) => tab.host.send(CHAT, text);
const read = (tab: Tab) => tab.host.messages(CHAT, { limit: 9 });

test("alice's two tabs use one device, and both hear what happens", async () => {
	const browser = new Browser();
	const first = openTab(browser);
	await first.state("open");
	const second = openTab(browser);
	await second.state("open");
	await send(second, "from the second");
	await send(first, "from the first");
	assert.deepEqual(browser.texts, ["from the second", "from the first"]);
	while (second.events.filter(({ type }) => type === "device").length < 2) await soon();
	assert.equal(first.events.filter(({ type }) => type === "device").length, 2);
	assert.equal(browser.mostOpen, 1);
});

test("the tab that serves closes; the other takes over and goes on", async () => {
	const browser = new Browser();
	const first = openTab(browser);
	await first.state("open");
	const [second, third] = [openTab(browser), openTab(browser)];
	await Promise.all([second.state("open"), third.state("open")]);
	await send(second, "one");
	first.close();
	assert.equal((await read(second)).length, 1);
	await send(second, "two");
	assert.equal((await read(third)).length, 2);
	await send(third, "three");
	assert.deepEqual(browser.texts, ["one", "two", "three"]);
	assert.equal(browser.mostOpen, 1, "two tabs never have the store open at once");
	assert.ok(second.events.filter(({ type }) => type === "resync").length >= 2, "the tab is told to read anew");
});

test("a question under way when the tab closes is asked again; an order is reported, not repeated", async () => {
	const browser = new Browser();
	const first = openTab(browser);
	await first.state("open");
	const second = openTab(browser);
	await second.state("open");
	browser.store("kept");
	browser.hold = new Promise(() => {});
	const question = read(second);
	const order = assert.rejects(send(second, "once?"), HandedOver);
	await soon();
	browser.hold = Promise.resolve();
	first.close();
	assert.equal((await question).length, 1);
	await order;
	assert.deepEqual(browser.texts, ["kept"]);
});

test("a refusal crosses tabs with its code and fields", async () => {
	const browser = new Browser();
	const first = openTab(browser);
	await first.state("open");
	const second = openTab(browser);
	await assert.rejects(second.host.find("+15550100002"), (error: Refusal) => {
		assert.ok(error instanceof Refusal);
		assert.equal(error.code, "RATE_LIMITED");
		assert.equal(error.fields.retryAtMs, 7);
		return true;
	});
});

test("a tab that opens before there is a device waits for it", async () => {
	const browser = new Browser();
	const first = openTab(browser);
	const second = openTab(browser);
	await Promise.all([send(second, "early"), send(first, "early too")]);
	assert.deepEqual([...browser.texts].sort(), ["early", "early too"]);
});

test("a leader that hangs does not keep the others waiting for ever", async () => {
	const browser = new Browser();
	const first = openTab(browser);
	await first.state("open");
	const second = openTab(browser, new FastClock());
	await second.state("open");
	browser.hold = new Promise(() => {});
	const call = send(second, "stuck");
	first.freeze();
	await assert.rejects(call, (error: Refusal) => error.code === "UNAVAILABLE");
});

test("what does not verify crosses threads as that, and not as a refusal of the server", () => {
	const outcome = toOutcome(new Untrusted("POLICY_KEY_CHANGED", "another key"));
	const error = outcome.ok ? undefined : fromOutcome(structuredClone(outcome));
	assert.ok(error instanceof Untrusted);
	assert.equal(error.code, "POLICY_KEY_CHANGED");
});
