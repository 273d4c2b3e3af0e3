/**
 * The app as two people use it: two browser profiles, a real server on sqlite, nothing in between replaced. Each step
 * goes on where the one before ended.
 */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Profile, SCREENS, withBrowser } from "./_browser.ts";
import { acceptTerms, chat, composer, hasCome, join, message, register, say, textsOf } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { eventually, step } from "./_story.ts";

const ALICE = { phone: "+15550100001", name: "Alice" };
const BOB = { phone: "+15550100002", name: "Bob" };

let server: TestServer;
let browser: Browser & AsyncDisposable;
let [alicesProfile, bobsProfile]: Profile[] = [];
let alice: Page;
let bob: Page;

/** A connection that breaks is reported by the browser itself. */
const CONNECTION_LOST = /ERR_CONNECTION_REFUSED|WebSocket connection to|net::ERR_/;

/** Everything in the origin's IndexedDB, values as text byte by byte, keys beside them. */
const READ_STORES = `(async () => {
	const wait = (request) => new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
	const values = [], keys = [];
	for (const { name } of await indexedDB.databases()) {
		const database = await wait(indexedDB.open(name));
		for (const store of database.objectStoreNames) {
			const entries = database.transaction(store).objectStore(store);
			keys.push(...(await wait(entries.getAllKeys())));
			for (const value of await wait(database.transaction(store).objectStore(store).getAll()))
				values.push(value instanceof Uint8Array ? Array.from(value, (byte) => String.fromCharCode(byte)).join("") : String(value));
		}
		database.close();
	}
	return { values, keys };
})()`;

before(async () => {
	[server, browser] = await withBrowser(TestServer.start());
	alicesProfile = await Profile.open(browser);
	bobsProfile = await Profile.open(browser);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
});

function profiles(): readonly [Profile, Profile] {
	assert.ok(alicesProfile !== undefined && bobsProfile !== undefined);
	return [alicesProfile, bobsProfile];
}

step("alice registers with her number, a code and a name, and accepts the terms", async () => {
	alice = await profiles()[0].tab(server.url);
	await register(alice, server, ALICE);
	await alice.getByRole("heading", { name: "The terms, in short" }).waitFor();
	const document = alice.getByRole("group").filter({ hasText: "Terms of service" });
	await document.locator("summary").click();
	await document.getByRole("heading").first().waitFor();
	await acceptTerms(alice);
	await alice.getByRole("heading", { name: "No chats yet" }).waitFor();
});

step("alice finds bob by his number, and nobody by a number that is not registered", async () => {
	bob = await profiles()[1].tab(server.url);
	await join(bob, server, BOB);
	await alice.getByRole("button", { name: "Start a chat" }).click();
	await alice.getByLabel("Their phone number").fill("+15550109999");
	await alice.getByRole("button", { name: "Find" }).click();
	await alice.getByText("Nobody here has this number.").waitFor();
	await alice.getByLabel("Their phone number").fill(BOB.phone);
	await alice.getByRole("button", { name: "Find" }).click();
	await composer(alice).waitFor();
});

step("they chat both ways, live, and each sees how far a message has come", async () => {
	await say(alice, "Hello Bob, do you hear me?");
	await hasCome(alice, "Hello Bob", "Delivered");
	await chat(bob, "Alice").filter({ hasText: "1" }).click();
	await message(bob, "Hello Bob, do you hear me?").waitFor();
	await hasCome(alice, "Hello Bob", "Read");
	await say(bob, "Loud and clear");
	await message(alice, "Loud and clear").waitFor();
	await hasCome(bob, "Loud and clear", "Read");
	assert.deepEqual(await textsOf(alice), ["Hello Bob, do you hear me?", "Loud and clear"]);
	assert.deepEqual(await textsOf(bob), ["Hello Bob, do you hear me?", "Loud and clear"]);
});

step(
	"what was said lies sealed in alice's browser: neither words nor names nor numbers can be found in it",
	async () => {
		const stored = await alice.evaluate(READ_STORES);
		const { values, keys } = stored as { readonly values: readonly string[]; readonly keys: readonly string[] };
		assert.ok(values.length > 20, `${values.length} values`);
		assert.ok(
			keys.some((key) => key.startsWith("message/")),
			"the place of messages is there",
		);
		for (const secret of ["Hello Bob", "Loud and clear", ALICE.name, ALICE.phone, BOB.phone.slice(1)])
			assert.equal(values.filter((value) => value.includes(secret)).length, 0, secret);
	},
);

step("bob sees that alice is typing, and it ends", async () => {
	await composer(alice).pressSequentially("I am just");
	await bob.getByText("Alice is typing").waitFor();
	await composer(alice).fill("");
	await bob.getByText("Alice is typing").waitFor({ state: "detached" });
});

step("alice answers a certain message; the quote leads back to it", async () => {
	await message(alice, "Loud and clear").hover();
	await message(alice, "Loud and clear")
		.getByRole("button", { name: /^Actions/ })
		.click();
	await alice.getByRole("menuitem", { name: "Reply" }).click();
	await alice.getByText("Replying to Bob").waitFor();
	await say(alice, "Good to know");
	const answer = message(bob, "Good to know");
	await answer.getByText("Loud and clear").waitFor();
	await answer.getByRole("button", { name: "Show the message this answers" }).click();
});

step("what alice writes offline waits and goes out when she is back", async () => {
	await server.stop();
	await alice.getByText("Offline.").waitFor();
	await say(alice, "Written in a tunnel");
	await message(alice, "Written in a tunnel").getByText("Sending", { exact: true }).waitFor();
	await alice.getByRole("button", { name: "Try now" }).waitFor();
	await server.resume();
	// Unless it was tried by itself just then.
	await alice
		.getByRole("button", { name: "Try now" })
		.click({ timeout: 2_000 })
		.catch(() => {});
	await hasCome(alice, "Written in a tunnel", "Read");
	await message(bob, "Written in a tunnel").waitFor();
});

step("a reload keeps the history, the draft and the place", async () => {
	await composer(alice).fill("half a thou");
	await alice.waitForTimeout(1_000);
	await alice.reload();
	await message(alice, "Hello Bob, do you hear me?").waitFor();
	await message(alice, "Written in a tunnel").waitFor();
	await eventually(async () => assert.equal(await composer(alice).inputValue(), "half a thou"));
	await composer(alice).fill("");
});

step("after a restart of the server the history is there and the chat goes on", async () => {
	await server.stop();
	await server.resume();
	await Promise.all([alice.reload(), bob.reload()]);
	await message(bob, "Loud and clear").waitFor();
	await say(bob, "Still here after the restart");
	await message(alice, "Still here after the restart").waitFor();
	await say(alice, "So am I");
	await hasCome(alice, "So am I", "Read");
});

step("alice's two tabs are one device; the second takes over when the first closes", async () => {
	const second = await profiles()[0].tab(alice.url());
	await message(second, "So am I").waitFor();
	await say(second, "From my second tab");
	await message(alice, "From my second tab").waitFor();
	await message(bob, "From my second tab").waitFor();
	await alice.close();
	alice = second;
	await say(alice, "The first tab is gone");
	await hasCome(alice, "The first tab is gone", "Read");
	await say(bob, "And I did not notice");
	await message(alice, "And I did not notice").waitFor();
	const texts = await textsOf(bob);
	for (const text of ["From my second tab", "The first tab is gone"])
		assert.equal(texts.filter((found) => found === text).length, 1, text);
});

step("on a phone one pane is shown, and the browser's back button leads to the list", async () => {
	await alice.setViewportSize(SCREENS.phone);
	await composer(alice).waitFor();
	assert.equal(await chat(alice, "Bob").isVisible(), false);
	await alice.getByRole("button", { name: "Back" }).click();
	await chat(alice, "Bob").click();
	await composer(alice).waitFor();
	await alice.goBack();
	await chat(alice, "Bob").waitFor();
	assert.equal(await composer(alice).isVisible(), false);
	await chat(alice, "Bob").click();
	await alice.setViewportSize(SCREENS.desktop);
});

step("dark is chosen in the settings, at once and for good", async () => {
	const ground = () => alice.evaluate("getComputedStyle(document.body).backgroundColor");
	const light = await ground();
	await alice.getByRole("button", { name: "Settings" }).click();
	await alice.getByRole("radio", { name: "Dark" }).click();
	const dark = await ground();
	assert.notEqual(dark, light);
	await alice.reload();
	await alice.getByRole("heading", { name: "Settings" }).waitFor();
	assert.equal(await ground(), dark);
});

step("no page had an error, and none asked another address than the server's", () => {
	for (const profile of profiles()) profile.assertUntroubled(CONNECTION_LOST);
});
