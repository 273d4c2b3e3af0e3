/** Three people in a group, and what each sees when it changes; blocking; the safety number. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Profile, withBrowser } from "./_browser.ts";
import { Camera } from "./_camera.ts";
import { chat, composer, hasCome, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { eventually, step } from "./_story.ts";

const ALICE = { phone: "+15550100301", name: "Alice" };
const BOB = { phone: "+15550100302", name: "Bob" };
const CARLA = { phone: "+15550100303", name: "Carla" };

let server: TestServer;
let camera: Camera;
let browser: Browser & AsyncDisposable;
const profiles: Profile[] = [];
let alice: Page;
let bob: Page;
let carla: Page;

before(async () => {
	camera = new Camera();
	await camera.seesNothing();
	[server, browser] = await withBrowser(TestServer.start(), camera.flags);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
	await camera?.[Symbol.asyncDispose]();
});

async function arrive(newcomer: typeof ALICE): Promise<Page> {
	const profile = await Profile.open(browser, { permissions: ["clipboard-read", "clipboard-write"] });
	profiles.push(profile);
	const page = await profile.tab(server.url);
	await join(page, server, newcomer);
	return page;
}

step("alice makes a group with bob and carla, whom she finds by number", async () => {
	alice = await arrive(ALICE);
	bob = await arrive(BOB);
	carla = await arrive(CARLA);
	await alice.getByRole("button", { name: "New chat" }).click();
	await alice.getByRole("link", { name: "New group" }).click();
	await alice.getByLabel("Name of the group").fill("Garden");
	for (const phone of [BOB.phone, CARLA.phone]) {
		await alice.getByLabel("Add someone by number").fill(phone);
		await alice.getByRole("button", { name: "Add", exact: true }).click();
		await alice
			.getByRole("button", { name: /^Remove / })
			.nth(phone === BOB.phone ? 0 : 1)
			.waitFor();
	}
	await alice.getByRole("button", { name: "Create group" }).click();
	await composer(alice).waitFor();
	await alice.getByText("You created this conversation").first().waitFor();
});

step("all three talk, and a message is read when both others have read it", async () => {
	await say(alice, "Who has the key to the shed?");
	for (const page of [bob, carla]) await chat(page, "Garden").click();
	await hasCome(alice, "Who has the key", "Read");
	await say(bob, "I do");
	await say(carla, "He does");
	await message(alice, "He does").waitFor();
	await message(bob, "He does").getByText("Carla").waitFor();
});

step("alice renames the group, and everybody sees it", async () => {
	await alice.getByRole("button", { name: "Chat info" }).click();
	await alice.getByRole("button", { name: "Rename the group" }).click();
	await alice.getByRole("textbox", { name: "Name of the group" }).fill("Garden and shed");
	await alice.getByRole("button", { name: "Save" }).click();
	await chat(carla, "Garden and shed").waitFor();
	await bob.getByText("Alice named the group “Garden and shed”").first().waitFor();
});

step("carla is removed and reads on no more; bob and alice go on", async () => {
	await alice.getByRole("button", { name: "Actions for Carla" }).click();
	await alice.getByRole("menuitem", { name: "Remove from the group" }).click();
	await alice.getByRole("button", { name: "Remove", exact: true }).click();
	await carla.getByText("You are no longer in this group. What was said until then stays here.").waitFor();
	await bob.getByText("Alice removed Carla").first().waitFor();
	await alice.keyboard.press("Escape");
	await say(alice, "Without Carla");
	await message(bob, "Without Carla").waitFor();
	assert.equal(await message(carla, "Without Carla").count(), 0);
	assert.equal(await message(carla, "He does").count(), 1);
	assert.equal(await composer(carla).count(), 0);
});

step("bob, who is no admin, can add nobody; he leaves", async () => {
	await bob.getByRole("button", { name: "Chat info" }).click();
	await bob.getByRole("region", { name: "Group info" }).waitFor();
	assert.equal(await bob.getByRole("button", { name: "Add people" }).count(), 0);
	await bob.getByRole("button", { name: "Leave the group" }).click();
	await bob.getByRole("alertdialog").getByRole("button", { name: "Leave the group" }).click();
	await bob.getByText("You are no longer in this group. What was said until then stays here.").waitFor();
	// Whoever writes next takes his keys out of the group first.
	await say(alice, "All alone now");
	await hasCome(alice, "All alone now", "Sent");
	await alice.getByText("Bob left").first().waitFor();
	assert.equal(await message(bob, "All alone now").count(), 0);
});

step("alice and bob compare their safety numbers: she confirms, and he scans her code", async () => {
	await alice.goto(`${server.url}#/`);
	await startChat(alice, BOB.phone);
	await say(alice, "Shall we compare?");
	await chat(bob, "Alice").click();
	for (const page of [alice, bob]) {
		await page.getByRole("button", { name: "Chat info" }).click();
		await page.getByRole("link", { name: /Safety number/ }).click();
		await page
			.getByRole("list")
			.filter({ hasText: /^\d{5}/ })
			.waitFor();
	}
	const digits = (page: Page) =>
		page.getByLabel("The number, 12 groups of 5 digits").getByRole("listitem").allInnerTexts();
	const [hers, his] = [await digits(alice), await digits(bob)];
	assert.equal(hers.length, 12);
	assert.deepEqual(hers, his);
	await camera.sees(alice.getByRole("img", { name: "The same number as a QR code" }));
	await bob.getByText("Not compared yet.").waitFor();
	await bob.getByRole("button", { name: "Scan their code" }).click();
	await bob.getByText("The same: nobody stands in between.").waitFor();
	await bob.getByText("You confirmed this number on this device.").waitFor();
	await alice.getByText("They sent you theirs?").click();
	await alice.getByLabel("Paste it here to compare").fill(`${his.slice(0, -1).join(" ")} 00000`);
	await alice.getByText("1 group differs: do not trust this chat yet.").waitFor();
	await alice.getByLabel("Paste it here to compare").fill(his.join(" "));
	await alice.getByText("All 60 digits are the same.").waitFor();
	await alice.getByRole("button", { name: "The numbers are the same" }).click();
	await alice.getByText("You confirmed this number on this device.").waitFor();
	await alice.reload();
	await alice.getByText("You confirmed this number on this device.").waitFor();
	await alice.goto(`${server.url}#/`);
	await chat(alice, "Bob").click();
	await alice.getByLabel("Safety number confirmed").waitFor();
});

step("bob blocks alice; what she writes then does not reach him, until he lifts it", async () => {
	await bob.goto(`${server.url}#/`);
	await chat(bob, "Alice").click();
	await bob.getByRole("button", { name: "Chat info" }).click();
	await bob.getByRole("button", { name: "Block Alice" }).click();
	await bob.getByRole("alertdialog").getByRole("button", { name: "Block" }).click();
	await bob.getByText("You blocked Alice.").waitFor();
	await composer(alice).fill("Can you read this?");
	await composer(alice).press("Enter");
	await alice.waitForTimeout(1_500);
	assert.equal(await message(bob, "Can you read this?").count(), 0);
	await bob.goto(`${server.url}#/settings/blocked`);
	await bob.getByRole("button", { name: "Unblock" }).click();
	await bob.getByText("You have blocked nobody.").waitFor();
	await bob.goto(`${server.url}#/`);
	await chat(bob, "Alice").click();
	await composer(alice).fill("And now?");
	await composer(alice).press("Enter");
	await message(bob, "And now?").waitFor();
});

step("without read receipts others do not learn what bob has read", async () => {
	await bob.goto(`${server.url}#/settings`);
	await bob.getByRole("switch", { name: "Read receipts" }).click();
	await eventually(async () =>
		assert.equal(await bob.getByRole("switch", { name: "Read receipts" }).isChecked(), false),
	);
	await bob.goto(`${server.url}#/`);
	await chat(bob, "Alice").click();
	await say(alice, "Read this in secret");
	await message(bob, "Read this in secret").waitFor();
	await hasCome(alice, "Read this in secret", "Delivered");
	await alice.waitForTimeout(1_500);
	await hasCome(alice, "Read this in secret", "Delivered");
});

step("bob changes his name, and alice sees the new one with his next message", async () => {
	await bob.goto(`${server.url}#/settings`);
	await bob.getByRole("button", { name: "Your name" }).click();
	await bob.getByRole("textbox", { name: "Your name" }).fill("Bob the gardener");
	await bob.getByRole("button", { name: "Save" }).click();
	await bob.getByText("Bob the gardener").first().waitFor();
	await bob.goto(`${server.url}#/`);
	await chat(bob, "Alice").click();
	await say(bob, "New name");
	await chat(alice, "Bob the gardener").waitFor();
});

step("no page had an error", () => {
	for (const profile of profiles) profile.assertUntroubled(/the server responded with a status of 4/);
});
