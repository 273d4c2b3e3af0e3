import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageView } from "@troth/client/device/api.ts";
import { Browser, CHAT, Tab } from "../../device-worker/_tabs.ts";
import { Chat } from "./chat.ts";
import { previewOf } from "./preview.ts";

for (const when of ["before", "after"] as const) {
	test(`alice's message is sent once though the tab that serves closes right ${when} it is stored`, async () => {
		const browser = new Browser();
		const first = new Tab(browser);
		await first.state("open");
		const second = new Tab(browser);
		await second.state("open");
		const chat = new Chat(second.host, CHAT);
		await chat.load();
		await chat.send("hello");
		browser.closes = { tab: first, when };
		await chat.send("are you there?");
		assert.deepEqual(browser.texts, ["hello", "are you there?"]);
		assert.equal(chat.window.value?.messages.length, 2);
		second.close();
	});
}

test("older messages come in before the first one, page by page", async () => {
	const browser = new Browser();
	for (let i = 1; i <= 150; i++) browser.store(`message ${i}`);
	const tab = new Tab(browser);
	await tab.state("open");
	const chat = new Chat(tab.host, CHAT);
	await chat.load();
	assert.equal(chat.window.value?.messages.length, 60);
	await Promise.all([chat.loadOlder(), chat.loadOlder()]);
	assert.equal(chat.window.value?.messages.length, 120, "two wishes at once are one page");
	assert.equal(chat.window.value?.grewAtStart, true);
	const tenth = browser.messages[9]?.id;
	assert.equal(await chat.reach(({ id }) => id === tenth), true);
	assert.equal(chat.window.value?.complete, true);
	assert.deepEqual(
		chat.window.value?.messages.map(({ key }) => key),
		browser.messages.map(({ key }) => key),
	);
	assert.equal(await chat.reach(({ id }) => id === ("ff".repeat(16) as never)), false);
	tab.close();
});

test("a gap stands where messages may be missing, and is gone when its count is 0", async () => {
	const browser = new Browser();
	for (let i = 1; i <= 3; i++) browser.store(`message ${i}`);
	const tab = new Tab(browser);
	await tab.state("open");
	const chat = new Chat(tab.host, CHAT);
	await chat.load();
	const gap = (count: number): MessageView => ({
		...{ conversation: CHAT, key: ".000000000001", seq: undefined, id: undefined, sender: undefined, timeMs: 1 },
		...{ body: { kind: "gap", reason: "before", count }, delivery: undefined },
	});
	chat.handle({ type: "message", message: gap(2), live: false });
	const first = chat.window.value?.messages[0] ?? assert.fail();
	assert.equal(
		previewOf(first, (phone) => phone),
		"Messages from before this device came in may be missing here",
	);
	chat.handle({ type: "message", message: gap(0), live: false });
	assert.equal(chat.window.value?.messages.length, 3);
	tab.close();
});
