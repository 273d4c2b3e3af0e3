/** Alice makes a backup and an export in the browser, loses it, and takes her history back in another one. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { after, before } from "node:test";
import type { Browser, Download, Page } from "playwright-core";
import { unzipped } from "../../client/export/_unzip.ts";
import { assertAccessibleInBoth } from "./_axe.ts";
import { Profile, SCREENS, withBrowser } from "./_browser.ts";
import { chat, composer, hasCome, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { step } from "./_story.ts";

const ALICE = { phone: "+15550109701", name: "Alice" };
const BOB = { phone: "+15550109702", name: "Bob" };
const SAID = ["Hello Bob", "Do you remember this?", "I will need it later"];

let server: TestServer;
let browser: Browser & AsyncDisposable;
let profile: Profile;
let alice: Page;
let bob: Page;
let directory: string;
let code: string;
let backup: string;

before(async () => {
	directory = await mkdtemp(joinPath(tmpdir(), "troth-backup-test-"));
	[server, browser] = await withBrowser(TestServer.start());
	profile = await Profile.open(browser);
	alice = await profile.tab(server.url);
	bob = await (await Profile.open(browser)).tab(server.url);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
	await rm(directory, { recursive: true, force: true });
});

async function keep(download: Promise<Download>): Promise<string> {
	const path = joinPath(directory, (await download).suggestedFilename());
	await (await download).saveAs(path);
	return path;
}

const part = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });

step("a conversation worth keeping", async () => {
	await Promise.all([join(alice, server, ALICE), join(bob, server, BOB)]);
	await startChat(alice, BOB.phone);
	for (const text of SAID) await say(alice, text);
	await hasCome(alice, SAID[2] ?? "", "Delivered");
	await chat(bob, "Alice").click();
	await say(bob, "I do");
	await message(alice, "I do").waitFor();
});

step("the code is shown, and the file is made once it is written down", async () => {
	await alice.goto(`${server.url}#/settings`);
	await alice.getByRole("link", { name: /^Backup and export/ }).click();
	const make = part(alice, "Make a backup");
	await make.waitFor();
	await assertAccessibleInBoth(alice, "backup");
	await make.getByRole("button", { name: "Show me my recovery code" }).click();
	code = (await make.getByRole("list", { name: "Your recovery code" }).getByRole("listitem").allTextContents()).join(
		" ",
	);
	assert.match(code, /^(\d{5} ){5}\d{5}$/);
	assert.equal(await make.getByRole("button", { name: "Make the file" }).isDisabled(), true);
	await make.getByLabel("I have written it down").check();
	await assertAccessibleInBoth(alice, "recovery code");
	const download = alice.waitForEvent("download");
	await make.getByRole("button", { name: "Make the file" }).click();
	backup = await keep(download);
	assert.match(backup, /troth-backup-\d{4}-\d\d-\d\d\.troth$/);
	await make.getByText(/^The backup is made/).waitFor();
	const bytes = await readFile(backup);
	assert.equal(bytes.subarray(0, 8).toString(), "TROTHARC");
	for (const text of SAID) assert.ok(!bytes.includes(text));
});

step("the export is a zip that anybody can open", async () => {
	const all = part(alice, "Export everything");
	const download = alice.waitForEvent("download");
	await all.getByRole("button", { name: "Export everything" }).click();
	const files = unzipped(await readFile(await keep(download)));
	const transcript = [...files.keys()].find((name) => name.endsWith("transcript.html")) ?? "";
	const page = files.get(transcript) ?? "";
	for (const text of [...SAID, "I do"]) assert.ok(page.includes(text));
	assert.ok(files.has("manifest.json"));
	await all.getByText(/^The export is made/).waitFor();
	profile.assertUntroubled();
});

step("in another browser she registers anew, and reads what was said", async () => {
	await profile[Symbol.asyncDispose]();
	profile = await Profile.open(browser, { viewport: SCREENS.phone });
	alice = await profile.tab(server.url);
	await join(alice, server, ALICE);
	await alice.getByRole("link", { name: "I have a backup" }).click();
	const take = part(alice, "Take a backup back");
	const buffer = await readFile(backup);
	await take.locator("input[type=file]").setInputFiles({ name: "mine.troth", mimeType: "", buffer });
	await take.getByLabel("Recovery code").fill("1".repeat(30));
	await take.getByRole("button", { name: "Take it back" }).click();
	await take
		.getByRole("alert")
		.getByText(/not the code of this backup/)
		.waitFor();
	await assertAccessibleInBoth(alice, "wrong code on a phone");
	await take.getByLabel("Recovery code").fill(code);
	await take.getByRole("button", { name: "Take it back" }).click();
	await take.getByText(/^4 messages are here/).waitFor();
	await assertAccessibleInBoth(alice, "taken back on a phone");
	await alice.goto(`${server.url}#/`);
	await chat(alice, "Bob").click();
	for (const text of [...SAID, "I do"]) await message(alice, text).waitFor();
	await alice.getByText(/from your backup/).waitFor();
	await assertAccessibleInBoth(alice, "only history");
});

step("and writes on, below it", async () => {
	await alice.getByRole("button", { name: "Write to Bob" }).click();
	await composer(alice).waitFor();
	await say(alice, "I have a new browser");
	await message(alice, SAID[0] ?? "").waitFor();
	await hasCome(alice, "I have a new browser", "Delivered");
	profile.assertUntroubled();
});
