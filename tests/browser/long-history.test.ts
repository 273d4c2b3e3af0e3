/** Many messages at once, far back in a chat, and the app without its server. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Profile, withBrowser } from "./_browser.ts";
import { chat, composer, hasCome, join, message, say, startChat, textsOf } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { eventually, step } from "./_story.ts";

const ALICE = { phone: "+15550100401", name: "Alice" };
const BOB = { phone: "+15550100402", name: "Bob" };
const MANY = 150;
const nth = (n: number) => `Message ${n.toString().padStart(3, "0")}`;

let server: TestServer;
let browser: Browser & AsyncDisposable;
let bobsProfile: Profile;
let alice: Page;
let bob: Page;

before(async () => {
	[server, browser] = await withBrowser(TestServer.start());
	alice = await (await Profile.open(browser)).tab(server.url);
	bobsProfile = await Profile.open(browser);
	bob = await bobsProfile.tab(server.url);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
});

step("bob goes away, and alice writes him 150 messages", async () => {
	await join(alice, server, ALICE);
	await join(bob, server, BOB);
	await startChat(alice, BOB.phone);
	await say(alice, "Before you go");
	await chat(bob, "Alice").waitFor();
	await bob.close();
	// As fast as keys come: no message waits for the one before it.
	await composer(alice).focus();
	for (let n = 1; n <= MANY; n++) {
		await alice.keyboard.insertText(nth(n));
		await alice.keyboard.press("Enter");
	}
	await hasCome(alice, nth(MANY), "Sent");
});

step("bob comes back, opens the chat, and stands where the new messages begin", async () => {
	bob = await bobsProfile.tab(server.url);
	const row = chat(bob, "Alice");
	await row.filter({ hasText: `${MANY + 1} unread messages` }).waitFor();
	await row.click();
	await bob.getByRole("heading", { name: `${MANY + 1} new messages` }).waitFor();
	await message(bob, "Before you go").waitFor();
	assert.equal(await message(bob, nth(MANY)).count(), 0, "only what is near is in the page");
});

step("from the newest to the oldest, every message is there once, in order", async () => {
	await bob.getByRole("button", { name: /newest|new message/ }).click();
	await message(bob, nth(MANY)).waitFor();
	const seen = new Set<string>();
	await eventually(async () => {
		const texts = await textsOf(bob);
		const numbered = texts.filter((text) => text.startsWith("Message"));
		assert.deepEqual(numbered, [...numbered].sort());
		for (const text of texts) seen.add(text);
		await bob.getByRole("log").press("PageUp");
		assert.equal(seen.size, MANY + 1);
		assert.ok(texts.length < 80, `${texts.length} messages in the page at once`);
	});
});

step("while he reads far up, a new message does not move him; the button counts it", async () => {
	await bob.getByRole("log").press("Home");
	await message(bob, "Before you go").waitFor();
	await say(alice, "Are you still reading?");
	await bob.getByRole("button", { name: "1 new message", exact: true }).waitFor();
	assert.equal(await message(bob, "Before you go").isVisible(), true);
	await bob.getByRole("button", { name: "1 new message", exact: true }).click();
	await message(bob, "Are you still reading?").waitFor();
	await hasCome(alice, "Are you still reading?", "Read");
});

step("without the server the app opens, shows the history, and takes a message", async () => {
	await eventually(async () => assert.equal(await bob.evaluate("navigator.serviceWorker.controller !== null"), true));
	await server.stop();
	await bob.reload();
	await message(bob, "Are you still reading?").waitFor();
	await bob.getByText("Offline.").waitFor();
	await say(bob, "Yes, even without you");
	await message(bob, "Yes, even without you").getByText("Sending", { exact: true }).waitFor();
});

step("a second reload without the server keeps the message that waits", async () => {
	await bob.reload();
	await message(bob, "Yes, even without you").getByText("Sending", { exact: true }).waitFor();
});

step("when the server is back the message goes out", async () => {
	await server.resume();
	await message(alice, "Yes, even without you").waitFor();
	await hasCome(bob, "Yes, even without you", "Read");
});
