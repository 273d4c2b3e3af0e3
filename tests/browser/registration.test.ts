/** Registration in the app when things do not go smoothly. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Profile, withBrowser } from "./_browser.ts";
import { acceptTerms, chat, composer, hasCome, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { eventually, step } from "./_story.ts";

const ALICE = { phone: "+15550100201", name: "Alice" };
const BOB = { phone: "+15550100202", name: "Bob" };

let server: TestServer;
let browser: Browser & AsyncDisposable;
let alicesProfile: Profile;
let alice: Page;
let bob: Page;
let bobAnew: Page;

before(async () => {
	[server, browser] = await withBrowser(TestServer.start({ voice: true }));
	alicesProfile = await Profile.open(browser);
	alice = await alicesProfile.tab(server.url);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
});

function wrongCode(): string {
	return server.code(ALICE.phone) === "000000" ? "000001" : "000000";
}

step("half a number is refused in words", async () => {
	await alice.getByLabel("Phone number").pressSequentially("+1555");
	await alice.getByRole("button", { name: "Send me a code" }).click();
	await alice.getByRole("alert").filter({ hasText: "does not look like a complete phone number" }).waitFor();
});

step("a number is written as people write it while it is typed", async () => {
	await alice.getByLabel("Phone number").fill("");
	await alice.getByLabel("Phone number").pressSequentially(ALICE.phone);
	assert.equal(await alice.getByLabel("Phone number").inputValue(), "+1 555 010 0201");
});

step("the code step says where the code went, and that this server only prints it", async () => {
	await alice.getByRole("button", { name: "Send me a code" }).click();
	await alice.getByText("We sent a code with 6 digits to +1 555 010 0201.").waitFor();
	await alice.getByText("It prints the code on its console.").waitFor();
	assert.equal(await alice.getByRole("button", { name: /^New code in \d+ s$/ }).isDisabled(), true);
});

step("who can not read a message can be called, after the time that a new code needs", async () => {
	const call = alice.getByRole("button", { name: "Call me instead" });
	assert.equal(await call.isDisabled(), true);
	// Half a minute passes, here and there.
	server.clock.advance(31_000);
	await alice.clock.install();
	await alice.clock.fastForward(31_000);
	await call.click();
	await alice.clock.resume();
	await eventually(async () => assert.deepEqual(server.called, [ALICE.phone]));
});

step("a wrong code leaves four tries, then three; the fifth ends the attempt", async () => {
	const field = alice.getByLabel("Code with 6 digits");
	for (const left of ["4 tries", "3 tries", "2 tries", "1 try"]) {
		await field.fill(wrongCode());
		await alice.getByText(`That is not the code. ${left} left.`).waitFor();
		assert.equal(await field.inputValue(), "");
	}
	await field.fill(wrongCode());
	await alice.getByText("Five wrong codes: this code is used up.").waitFor();
	assert.equal(await field.isDisabled(), true);
});

step("with a new attempt, a pasted code with blanks in it is taken", async () => {
	await alice.getByRole("button", { name: "Use another number" }).click();
	assert.equal(await alice.getByLabel("Phone number").inputValue(), "+1 555 010 0201");
	await alice.getByRole("button", { name: "Send me a code" }).click();
	const field = alice.getByLabel("Code with 6 digits");
	await field.waitFor();
	const code = server.code(ALICE.phone);
	await alicesProfile.context.grantPermissions(["clipboard-read", "clipboard-write"]);
	await alice.evaluate(`navigator.clipboard.writeText(${JSON.stringify(`${code.slice(0, 3)} ${code.slice(3)}`)})`);
	await field.focus();
	await alice.keyboard.press("Control+v");
	await alice.getByLabel("Your name").fill(ALICE.name);
	await alice.getByRole("button", { name: "Create my account" }).click();
	await acceptTerms(alice);
});

step("the terms that were accepted are in the settings, with their version", async () => {
	await alice.getByRole("button", { name: "Settings" }).click();
	await alice.getByRole("link", { name: /Terms and privacy/ }).click();
	await alice.getByText("You accepted version 1.").waitFor();
});

step(
	"bob takes his number to a new browser: he is told what that means, and alice sees that his keys changed",
	async () => {
		bob = await (await Profile.open(browser)).tab(server.url);
		await join(bob, server, BOB);
		await alice.goto(`${server.url}#/`);
		await startChat(alice, BOB.phone);
		await say(alice, "Hello");
		await hasCome(alice, "Hello", "Delivered");

		// He holds his number with a PIN.
		await bob.goto(`${server.url}#/settings/registration-lock`);
		await bob.getByText("Whoever gets a code for your number can register it.").waitFor();
		await bob.getByLabel("PIN", { exact: true }).fill("12");
		await bob.getByRole("button", { name: "Hold my number with this PIN" }).click();
		await bob.getByRole("alert").filter({ hasText: "A PIN has 4 to 20 letters and digits." }).waitFor();
		await bob.getByLabel("PIN", { exact: true }).fill("2580ab");
		await bob.getByRole("button", { name: "Hold my number with this PIN" }).click();
		await bob.getByText("Your number is held by a PIN.").waitFor();
		await bob.goto(`${server.url}#/`);

		bobAnew = await (await Profile.open(browser)).tab(server.url);
		await bobAnew.getByLabel("Phone number").pressSequentially(BOB.phone);
		await bobAnew.getByRole("button", { name: "Send me a code" }).click();
		await bobAnew.getByLabel("Code with 6 digits").waitFor();
		await bobAnew.getByLabel("Code with 6 digits").fill(server.code(BOB.phone));
		await bobAnew.getByText("This number is held by a PIN").waitFor();
		await bobAnew.getByLabel("PIN", { exact: true }).fill("0000");
		await bobAnew.getByRole("button", { name: "Go on" }).click();
		await bobAnew.getByRole("alert").filter({ hasText: "That is not the PIN. 4 tries left." }).waitFor();
		await bobAnew.getByLabel("PIN", { exact: true }).fill("2580ab");
		await bobAnew.getByRole("button", { name: "Go on" }).click();
		await bobAnew.getByText("This number is already registered here").waitFor();
		await bobAnew.getByLabel("Your name").fill("Bob");
		await bobAnew.getByRole("button", { name: "Create my account" }).click();
		await acceptTerms(bobAnew);
		assert.equal(await chat(bobAnew, "Alice").count(), 0, "nothing is inherited");
	},
);

step("the old browser says that it was removed, and keeps what it had to read", async () => {
	await bob.getByText("This device was removed from your account").waitFor();
	await chat(bob, "Alice").click();
	await message(bob, "Hello").waitFor();
	assert.equal(await composer(bob).count(), 0);
});

step("alice finds the new bob by the same number, in a chat of its own", async () => {
	await alice.goto(`${server.url}#/`);
	await startChat(alice, BOB.phone);
	await say(alice, "Are you the same Bob?");
	await chat(bobAnew, "Alice").click();
	await message(bobAnew, "Are you the same Bob?").waitFor();
});

step("she deletes her account, after a question; her other tab begins anew like this one", async () => {
	const other = await alicesProfile.tab(server.url);
	await other.getByText("Are you the same Bob?").waitFor();
	await alice.getByRole("button", { name: "Settings" }).click();
	await alice.getByRole("link", { name: "Delete my account" }).click();
	await alice.getByRole("button", { name: "Delete my account…" }).click();
	await alice.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
	await alice.getByRole("button", { name: "Delete my account…" }).click();
	await alice.getByRole("button", { name: "Delete it for good" }).click();
	for (const tab of [alice, other]) await tab.getByLabel("Phone number").waitFor();
	await bobAnew.getByRole("button", { name: "New chat" }).click();
	await bobAnew.getByLabel("Their phone number").fill(ALICE.phone);
	await bobAnew.getByRole("button", { name: "Find" }).click();
	await bobAnew.getByRole("alert").waitFor();
	await join(other, server, ALICE);
	assert.equal(await other.getByText("Are you the same Bob?").count(), 0, "nothing of before is here");
});

step("no page of alice had an error", () => alicesProfile.assertUntroubled(/the server responded with a status of 4/));
