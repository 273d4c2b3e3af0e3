/**
 * The pictures of the README, taken from the real app while four people use it. They are written only when asked for:
 *
 *   TROTH_SCREENSHOTS=1 npm test -- tests/browser/screenshots
 */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join as joinPath } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Profile, SCREENS, settle, withBrowser } from "./_browser.ts";
import { chat, composer, hasCome, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";

const FOLDER = joinPath(import.meta.dirname, "..", "..", "docs", "screenshots");
const WANTED = process.env["TROTH_SCREENSHOTS"] === "1";

const PEOPLE = {
	alice: { phone: "+15550100001", name: "Alice" },
	bob: { phone: "+15550100002", name: "Bob" },
	carla: { phone: "+15550100003", name: "Carla" },
	dan: { phone: "+15550100004", name: "Dan" },
};

let server: TestServer;
let browser: Browser & AsyncDisposable;

before(async () => {
	if (!WANTED) return;
	await mkdir(FOLDER, { recursive: true });
	[server, browser] = await withBrowser(TestServer.start());
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
});

async function arrive(person: { readonly phone: string; readonly name: string }): Promise<Page> {
	const page = await (await Profile.open(browser, { deviceScaleFactor: 2 })).tab(server.url);
	await join(page, server, person);
	return page;
}

async function picture(page: Page, name: string): Promise<void> {
	await page.mouse.move(0, 0);
	await settle(page);
	await page.screenshot({ path: joinPath(FOLDER, `${name}.png`) });
}

async function answer(page: Page, to: string, text: string): Promise<void> {
	await message(page, to).hover();
	await message(page, to)
		.getByRole("button", { name: /^Actions/ })
		.click();
	await page.getByRole("menuitem", { name: "Reply" }).click();
	await say(page, text);
}

test("a day in Troth", { skip: WANTED ? false : "set TROTH_SCREENSHOTS=1 to take the pictures" }, async () => {
	const welcome = await (await Profile.open(browser, { deviceScaleFactor: 2 })).tab(server.url);
	await welcome.getByLabel("Phone number").waitFor();
	await picture(welcome, "welcome");
	await welcome.close();

	const alice = await arrive(PEOPLE.alice);
	const bob = await arrive(PEOPLE.bob);
	const carla = await arrive(PEOPLE.carla);
	const dan = await arrive(PEOPLE.dan);

	await startChat(dan, PEOPLE.alice.phone);
	await say(dan, "Are you coming to the market on Saturday?");

	await startChat(carla, PEOPLE.alice.phone);
	await say(carla, "The scores are on the piano");
	await carla.getByRole("button", { name: "New chat" }).click();
	await carla.getByRole("link", { name: "New group" }).click();
	await carla.getByLabel("Name of the group").fill("Choir on Thursdays");
	for (const { phone, name } of [PEOPLE.bob, PEOPLE.dan]) {
		await carla.getByLabel("Add someone by number").fill(phone);
		await carla.getByRole("button", { name: "Add", exact: true }).click();
		await carla
			.getByRole("button", { name: /^Remove / })
			.nth(name === PEOPLE.bob.name ? 0 : 1)
			.waitFor();
	}
	await carla.getByRole("button", { name: /010 0001/ }).click();
	await carla.getByRole("button", { name: "Create group" }).click();
	await composer(carla).waitFor();
	await say(carla, "Rehearsal is at half past seven, in the old school");
	await chat(dan, "Choir").click();
	await say(dan, "I bring the chairs, I have the van");
	await chat(bob, "Choir").click();
	await say(bob, "I will be ten minutes late");

	await startChat(alice, PEOPLE.bob.phone);
	await say(
		alice,
		"Here is the garden plan. Please look at the second drawing, the one with the apple trees along the wall.",
	);
	await chat(bob, "Alice").click();
	await say(bob, "I like it! Two questions: who waters it in August, and is the gate wide enough for the wheelbarrow?");
	await say(bob, "And the bench: keep it or not?");
	await message(alice, "And the bench").waitFor();
	await answer(alice, "And the bench", "Keep it. My father built it.");
	await say(alice, "The gate is 90 cm. It fits, barely.");
	await message(bob, "The gate is 90 cm").waitFor();
	await say(bob, "Then it is settled");
	await message(alice, "Then it is settled").waitFor();
	await say(alice, "Saturday at nine?");
	await hasCome(alice, "Saturday at nine?", "Read");
	await alice.getByRole("button", { name: "Chat info" }).click();
	await alice.getByRole("link", { name: /Safety number/ }).click();
	await alice.getByRole("button", { name: "The numbers are the same" }).click();
	await alice.getByText("You confirmed this number on this device.").waitFor();
	await picture(alice, "safety-number");
	await chat(alice, PEOPLE.bob.name).click();
	await composer(bob).pressSequentially("Nine is f");
	await alice.getByText("Bob is typing").waitFor();
	await picture(alice, "chat");
	await bob.setViewportSize(SCREENS.phone);
	await bob.emulateMedia({ colorScheme: "dark" });
	await message(bob, "Saturday at nine?").waitFor();
	await picture(bob, "chat-phone-dark");
	assert.equal(await chat(alice, "Dan").count(), 1);
});
