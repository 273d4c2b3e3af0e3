/** Finding each other in the app: by username, by link and QR code, in an address book; and who is not to be found. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { assertAccessible, assertAccessibleInBoth } from "./_axe.ts";
import { Profile, withBrowser } from "./_browser.ts";
import { chat, composer, join, message, say } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { step } from "./_story.ts";

const ALICE = { phone: "+15550100151", name: "Alice" };
const BOB = { phone: "+15550100152", name: "Bob" };

let server: TestServer;
let browser: Browser & AsyncDisposable;
let profiles: readonly Profile[];
let alice: Page;
let bob: Page;
let link: string;

before(async () => {
	[server, browser] = await withBrowser(TestServer.start());
	profiles = [await Profile.open(browser), await Profile.open(browser)];
	[alice, bob] = (await Promise.all(profiles.map((profile) => profile.tab(server.url)))) as [Page, Page];
	await join(alice, server, ALICE);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
});

step("alice makes a link, puts her name into it, and takes a username", async () => {
	await alice.getByRole("button", { name: "New chat" }).click();
	await alice.getByRole("link", { name: "My link and QR code" }).click();
	await alice.getByRole("button", { name: "Make a link" }).click();
	await alice.getByRole("img", { name: "QR code of your contact link" }).waitFor();
	link =
		(await alice
			.getByText(/\/#\/add\//)
			.last()
			.textContent()) ?? "";
	assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/#\/add\/[\w-]{48}\?n=Alice$/);
	await alice.getByLabel("Your username").fill("Admin");
	await alice.getByRole("button", { name: "Take this name" }).click();
	await alice.getByText("This username can not be had.").waitFor();
	await alice.getByLabel("Your username").fill("@Alice.L");
	await alice.getByRole("button", { name: "Take this name" }).click();
	await alice.getByRole("button", { name: "Give it up" }).waitFor();
	await assertAccessibleInBoth(alice, "how people reach me");
});

step("she lets nobody find her by number", async () => {
	await alice.getByLabel("Who may find you by number").selectOption("nobody");
	await alice.getByText("It looks as if you were not here.").first().waitFor();
	await alice.goto(`${server.url}#/settings/privacy`);
	await alice.getByText("It looks as if you were not here.").first().waitFor();
});

step("bob, who has no account yet, opens her link, registers, and writes to her, verified", async () => {
	await alice.goto(`${server.url}#/`);
	await bob.goto(link);
	await bob.reload();
	await bob.getByLabel("Phone number").waitFor();
	await join(bob, server, BOB);
	await bob.getByText("The key in the link is theirs").waitFor();
	await bob.getByText("Alice", { exact: true }).waitFor();
	await assertAccessibleInBoth(bob, "a contact link");
	await bob.getByRole("button", { name: "Write", exact: true }).click();
	await say(bob, "Found you");
	await chat(alice, "Bob").waitFor();
	await bob.getByRole("button", { name: "Chat info" }).click();
	await bob.getByText("Safety number confirmed").first().waitFor();
});

step("by number he would not have found her, by username he does", async () => {
	await bob.goto(`${server.url}#/new`);
	await bob.getByLabel("Their phone number").fill(ALICE.phone);
	await bob.getByRole("button", { name: "Find" }).click();
	await bob.getByText("Nobody here has this number.").waitFor();
	await bob.getByRole("link", { name: "By username or link" }).click();
	await bob.getByLabel("Their username or link").fill("@nobody.at.all");
	await bob.getByRole("button", { name: "Look up" }).click();
	await bob.getByText("Nobody here has this username.").waitFor();
	await assertAccessible(bob, "by username");
	await bob.getByLabel("Their username or link").fill("alice.l");
	await bob.getByRole("button", { name: "Look up" }).click();
	await composer(bob).waitFor();
	await message(bob, "Found you").waitFor();
});

step("alice takes in an address book, checks it when she likes, and invites who is not here", async () => {
	await alice.goto(`${server.url}#/people/contacts`);
	const file = (text: string) => ({ name: "book.vcf", mimeType: "text/vcard", buffer: Buffer.from(text) });
	const input = alice.locator("input[type=file]");
	await input.setInputFiles(file("no cards"));
	await alice.getByText("This is no vCard file, or nothing in it can be read.").waitFor();
	const card = (name: string, tel: string) => `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${name}\r\nTEL:${tel}\r\nEND:VCARD\r\n`;
	await input.setInputFiles(file(card("Uncle Bob", BOB.phone) + card("Carla", "(555) 010-0153")));
	await alice.getByText("2 new numbers.").waitFor();
	await alice.getByRole("button", { name: "Check 2 numbers" }).click();
	await alice.getByText("1 of 2 numbers are here.").waitFor();
	await assertAccessibleInBoth(alice, "contacts");
	await alice.getByRole("button", { name: "Invite Carla" }).click();
	const invitation = alice.getByRole("dialog", { name: "Invite someone" });
	const text = invitation.getByRole("region", { name: "The text" });
	assert.ok((await text.textContent())?.endsWith(server.url), "it names nobody");
	await invitation.getByRole("switch", { name: "My contact link in it" }).click();
	await invitation.getByText(link.replace(/\?.*/, "")).waitFor();
	await assertAccessible(alice, "an invitation");
	await alice.keyboard.press("Escape");
	await alice
		.getByRole("button", { name: /^Uncle Bob/ })
		.first()
		.click();
	await message(alice, "Found you").waitFor();
	await chat(alice, "Uncle Bob").waitFor();
});

step("she calls him something else, and later what he calls himself", async () => {
	await alice.getByRole("button", { name: "Chat info" }).click();
	for (const [name, shown] of [
		["Bobby", "Bobby"],
		["", "Bob"],
	] as const) {
		await alice.getByRole("button", { name: "Your name for them" }).click();
		await alice.getByRole("dialog").getByRole("textbox").fill(name);
		await alice.getByRole("button", { name: "Save" }).click();
		await chat(alice, shown).waitFor();
	}
});

step("she revokes the link", async () => {
	await alice.goto(`${server.url}#/people/reach-me`);
	await alice.getByRole("button", { name: "Revoke" }).click();
	await alice.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
	await alice.getByRole("button", { name: "Make a link" }).waitFor();
	await bob.goto(link);
	await bob.getByText("This link leads nowhere any more").waitFor();
});

step("no page had an error but what the server refused", () => {
	for (const profile of profiles)
		profile.assertUntroubled(/Failed to load resource: the server responded with a status of (404|409)/);
});
