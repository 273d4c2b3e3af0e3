/**
 * Makes the README's picture out of the real app: TROTH_SCREENSHOTS=1 npm test -- tests/browser/screenshots
 * Two people, a group and a few messages; what the page shows is checked before it is kept.
 */
import { mkdir } from "node:fs/promises";
import { join as joinPath } from "node:path";
import { test } from "node:test";
import { launchBrowser, Profile } from "./_browser.ts";
import { chat, composer, hasCome, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";

const FOLDER = joinPath(import.meta.dirname, "..", "..", "docs", "screenshots");
const ALICE = { phone: "+15550100001", name: "Alice" };
const BOB = { phone: "+15550100002", name: "Bob" };
const CARLA = { phone: "+15550100003", name: "Carla" };

const TALK = [
	["bob", "Did you read the new terms?"],
	["alice", "Yes. They fit on one screen, and nothing was ticked."],
	["bob", "I said no to everything. Nothing stopped working."],
	["alice", "That is the idea: a messenger that keeps its word"],
	["bob", "See you at the lighthouse at nine"],
] as const;

const skip =
	process.env["TROTH_SCREENSHOTS"] === "1" ? false : "set TROTH_SCREENSHOTS=1 to make the README's picture anew";

test("alice and bob chat, and the picture shows it", { skip }, async () => {
	await using server = await TestServer.start();
	await using browser = await launchBrowser();
	const size = { viewport: { width: 1120, height: 700 }, deviceScaleFactor: 2, colorScheme: "light" } as const;
	await using alicesProfile = await Profile.open(browser, size);
	await using bobsProfile = await Profile.open(browser, size);
	await using carlasProfile = await Profile.open(browser, size);
	const alice = await alicesProfile.tab(server.url);
	const bob = await bobsProfile.tab(server.url);
	const carla = await carlasProfile.tab(server.url);
	await join(alice, server, ALICE);
	await join(bob, server, BOB);
	await join(carla, server, CARLA);
	await startChat(carla, ALICE.phone);
	await say(carla, "The choir meets on Thursday after all");
	await hasCome(carla, "The choir meets", "Delivered");
	await startChat(bob, ALICE.phone);
	await composer(bob).waitFor();
	const pages = { alice, bob };
	for (const [who, text] of TALK) {
		await say(pages[who], text);
		if (text === TALK[0][1]) await chat(alice, "Bob").click();
		await message(who === "alice" ? bob : alice, text.slice(0, 12)).waitFor();
	}
	await hasCome(alice, "That is the idea", "Read");
	await mkdir(FOLDER, { recursive: true });
	await alice.screenshot({ path: joinPath(FOLDER, "chat.png") });
	await bob.emulateMedia({ colorScheme: "dark" });
	await bob.setViewportSize({ width: 360, height: 740 });
	await message(bob, "See you at").waitFor();
	await bob.screenshot({ path: joinPath(FOLDER, "chat-phone-dark.png") });
	alicesProfile.assertUntroubled();
});
