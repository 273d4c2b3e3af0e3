/**
 * Keys one can trust, as alice sees them in the app while bob uses the command: a code that is compared, a chat that is
 * begun anew, and bob's number with another account. Each screen is looked at by axe-core as well.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { troth as runTroth } from "../../client/troth/_troth.ts";
import { assertAccessibleInBoth } from "./_axe.ts";
import { launchBrowser, Profile } from "./_browser.ts";
import { chat, composer, hasCome, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { step } from "./_story.ts";

const ALICE = { phone: "+15550100801", name: "Alice" };
const BOB = { phone: "+15550100802", name: "Bob" };

let server: TestServer;
let browser: Browser & AsyncDisposable;
let profile: Profile;
let alice: Page;
let directory: string;

before(async () => {
	server = await TestServer.start();
	browser = await launchBrowser();
	directory = await mkdtemp(joinPath(tmpdir(), "troth-trust-"));
	profile = await Profile.open(browser);
	alice = await profile.tab(server.url);
	await join(alice, server, ALICE);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
	await rm(directory, { recursive: true, force: true });
});

/** Runs the command in one of bob's profiles and gives the lines it printed. */
async function troth(profileName: string, ...args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
	const { code, lines, stderr } = await runTroth([...args, "--profile", joinPath(directory, profileName), "--json"]);
	assert.equal(code, 0, stderr);
	return lines;
}

async function register(profileName: string): Promise<void> {
	const words = ["register", "--server", server.url, "--phone", BOB.phone, "--name", BOB.name, "--accept", "1"];
	await runTroth([...words, "--profile", joinPath(directory, profileName)]);
	await troth(profileName, ...words, "--code", server.code(BOB.phone));
}

step("alice opens the code that bob shows, as a phone's camera would, and confirms", async () => {
	await register("bob");
	await startChat(alice, BOB.phone);
	await say(alice, "Hello Bob");
	await troth("bob", "listen", "--count", "1", "--timeout", "20");
	const [shown] = await troth("bob", "verify", ALICE.phone);
	await alice.goto(String(shown?.["code"]));
	await alice.getByText("The same: nobody stands in between.").waitFor();
	await assertAccessibleInBoth(alice, "a code that was scanned");
	await alice.getByRole("button", { name: "Show the safety number" }).click();
	await alice.getByText("Not compared yet.").waitFor();
	await alice.getByRole("button", { name: "Scan their code" }).click();
	await alice.getByRole("dialog", { name: "Scan their code" }).waitFor();
	await alice.keyboard.press("Escape");
	await alice.getByText("They sent you theirs?").click();
	await alice.getByLabel("Paste it here to compare").fill(String(shown?.["code"]).replace(/.{4}$/, "AAAA"));
	await alice.getByText("Not the same. Do not trust this chat until you know why.").waitFor();
	await alice.getByLabel("Paste it here to compare").fill(String(shown?.["code"]));
	await alice.getByText("The same: nobody stands in between.").waitFor();
	await alice.getByRole("button", { name: "The numbers are the same" }).click();
	await alice.getByText("You confirmed this number on this device.").waitFor();
});

step("alice begins the chat anew; both go on, with what was said before", async () => {
	await alice.goto(`${server.url}#/`);
	await chat(alice, "Bob|\\+1 555").click();
	await alice.getByRole("button", { name: "Chat info" }).click();
	await alice.getByRole("button", { name: "Begin this chat anew" }).click();
	await alice.getByRole("alertdialog").getByRole("button", { name: "Begin this chat anew" }).click();
	await alice.getByText("You began this chat anew").first().waitFor();
	await message(alice, "Hello Bob").waitFor();
	await say(alice, "Here we go on");
	await hasCome(alice, "Here we go on", "Sent");
	const lines = await troth("bob", "listen", "--count", "9", "--timeout", "4");
	assert.ok(lines.some((line) => line["text"] === "Here we go on"));
	const history = await troth("bob", "history", ALICE.phone);
	assert.deepEqual(
		history.flatMap((line) => (line["type"] === "message" ? [line["text"]] : [])),
		["Hello Bob", "Here we go on"],
	);
	assert.equal((await troth("bob", "conversations")).length, 1);
	await troth("bob", "send", "--to", ALICE.phone, "Gladly");
	await message(alice, "Gladly").waitFor();
});

step("bob sets up anew: alice sees it in the list, is asked before she writes, and takes the new account", async () => {
	await register("bob-anew");
	await startChat(alice, BOB.phone);
	const banner = alice.getByRole("region", { name: "Keys changed" });
	await banner.getByText("You had confirmed the safety number; it is not confirmed any more.").waitFor();
	await alice
		.getByRole("navigation", { name: "Conversations" })
		.getByRole("link", { name: /^Bob.*Keys changed/ })
		.waitFor();
	await assertAccessibleInBoth(alice, "a number with a new account");
	await composer(alice).fill("Is it you?");
	await composer(alice).press("Enter");
	await alice.getByRole("alertdialog", { name: /without comparing/ }).waitFor();
	await assertAccessibleInBoth(alice, "asked before sending");
	await alice.getByRole("button", { name: "Cancel" }).click();
	await banner.getByRole("button", { name: "Go on with the new account" }).click();
	await alice.getByRole("alertdialog").getByRole("button", { name: "Go on with the new account" }).click();
	await message(alice, "Gladly").waitFor();
	await banner.waitFor({ state: "detached" });
	assert.equal(await alice.getByRole("navigation", { name: "Conversations" }).getByRole("link").count(), 1);
	await composer(alice).press("Enter");
	await hasCome(alice, "Is it you?", "Sent");
	const lines = await troth("bob-anew", "listen", "--count", "9", "--timeout", "4");
	assert.ok(lines.some((line) => line["text"] === "Is it you?"));
});

step("no page had an error", () => {
	profile.assertUntroubled();
});
