/** Alice shows a picture, bob sees it in his browser; she changes her number, tells him, and reads what the server knows. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import type { Page } from "playwright-core";
import { assertAccessible } from "./_axe.ts";
import { launchBrowser, Profile, SCREENS, settle } from "./_browser.ts";
import { join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { step } from "./_story.ts";

const ALICE = "+15550108101";
const BOB = "+15550108102";
const NEXT = "+15550108103";

const stack = new AsyncDisposableStack();
let server: TestServer;
let alices: Profile;
let bobs: Profile;
let alice: Page;
let bob: Page;

before(async () => {
	server = stack.use(await TestServer.start());
	const browser = stack.use(await launchBrowser());
	alices = stack.use(await Profile.open(browser, { viewport: SCREENS.phone, acceptDownloads: true }));
	bobs = stack.use(await Profile.open(browser, { colorScheme: "dark" }));
	[alice, bob] = [await alices.tab(server.url), await bobs.tab(server.url)];
	await join(alice, server, { phone: ALICE, name: "Alice" });
	await join(bob, server, { phone: BOB, name: "Bob" });
});

after(async () => {
	await stack.disposeAsync();
});

/** A PNG of 900 by 600 pixels in which colours run from one side to the other. */
function gradient(): Buffer {
	const [width, height] = [900, 600];
	const rows = Buffer.alloc((width * 3 + 1) * height);
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width * 3; x++) rows[y * (width * 3 + 1) + 1 + x] = x % 3 === 0 ? 40 + x / 14 : 40 + y / 4;
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, 2, 0, 0, 0], 8);
	const chunk = (kind: string, data: Buffer) => {
		const named = Buffer.concat([Buffer.from(kind), data]);
		const framed = Buffer.alloc(named.length + 8);
		framed.writeUInt32BE(data.length, 0);
		named.copy(framed, 4);
		framed.writeUInt32BE(crc32(named), named.length + 4);
		return framed;
	};
	const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
	return Buffer.concat([
		signature,
		chunk("IHDR", header),
		chunk("IDAT", deflateSync(rows)),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

/** The size that an image really has. */
const sizesOf = (page: Page) =>
	page
		.locator("img[src^='blob:']")
		.evaluateAll((images) =>
			(images as unknown as { naturalWidth: number; naturalHeight: number }[]).map((image) => [
				image.naturalWidth,
				image.naturalHeight,
			]),
		);

/** As a link does. */
const settings = (page: Page, path = "") => page.evaluate(`location.hash = "#/settings${path}"`);

step("a picture of any size becomes a small square that bob's browser shows", async () => {
	await startChat(alice, BOB);
	await say(alice, "hello bob");
	await message(bob, "hello bob")
		.or(bob.getByRole("link", { name: /^Alice/ }))
		.first()
		.waitFor();
	await bob.getByRole("link", { name: /^Alice/ }).click();
	await say(bob, "hello alice");
	await settings(alice);
	await alice.getByRole("button", { name: "My picture" }).click();
	await alice
		.getByLabel("Choose a picture")
		.last()
		.setInputFiles({ name: "me.png", mimeType: "image/png", buffer: gradient() });
	await alice.locator("img[src^='blob:']").first().waitFor();
	await bob.locator("header img[src^='blob:']").waitFor();
	assert.deepEqual([...new Set((await sizesOf(bob)).map(String))], ["384,384"]);
});

step("who sees it is hers to say, and what the server knows is there to read and to take along", async () => {
	await settings(alice, "/privacy");
	await alice.getByRole("combobox", { name: "My number" }).selectOption("contacts");
	await alice.getByRole("combobox", { name: "My picture" }).selectOption("contacts");
	await settle(alice);
	await assertAccessible(alice, "privacy");
	await settings(alice, "/about-me");
	await alice.getByRole("heading", { name: "Your profile picture" }).waitFor();
	await assertAccessible(alice, "about-me");
	const [file] = await Promise.all([
		alice.waitForEvent("download"),
		alice.getByRole("button", { name: "Download as JSON" }).click(),
	]);
	const known = await readFile(await file.path(), "utf8");
	assert.ok(known.includes(ALICE) && !known.includes("Alice") && JSON.parse(known).sections.length > 5);
});

step("she takes another number and tells bob, who reads it in their chat", async () => {
	await settings(alice, "/change-number");
	await alice.getByLabel("Your new number").fill(NEXT);
	await alice.getByRole("button", { name: "Send a code to it" }).click();
	const code = alice.getByLabel("Code with 6 digits");
	await code.waitFor();
	await code.fill(server.code(NEXT));
	await alice.getByLabel("Those I choose").check();
	await alice.getByLabel("Bob").check();
	await assertAccessible(alice, "change-number");
	await alice.getByRole("button", { name: "Change my number" }).click();
	await alice.getByText("1 chat says so").waitFor();
	await bob
		.getByText(/Alice changed their number to \+1.*8103/)
		.first()
		.waitFor();
	await settings(alice);
	await settings(alice, "/change-number");
	await alice.getByText("You changed your number lately").waitFor();
	alices.assertUntroubled();
	bobs.assertUntroubled();
});
