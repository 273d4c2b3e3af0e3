/** Every screen, light and dark, by axe-core; and the app by keyboard alone. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { assertAccessible, assertAccessibleInBoth } from "./_axe.ts";
import { Profile, SCREENS, withBrowser } from "./_browser.ts";
import { acceptTerms, chat, composer, join, message, register, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { eventually, step } from "./_story.ts";

const ALICE = { phone: "+15550100101", name: "Alice" };
const BOB = { phone: "+15550100102", name: "Bob" };
const OPERATOR = "the operator's token";

let server: TestServer;
let browser: Browser & AsyncDisposable;
let alicesProfile: Profile;
let alice: Page;
let bob: Page;

before(async () => {
	[server, browser] = await withBrowser(TestServer.start({ operator: OPERATOR }));
	alicesProfile = await Profile.open(browser);
	alice = await alicesProfile.tab(server.url);
	bob = await (await Profile.open(browser)).tab(server.url);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
});

const inBothAppearances = (screen: string) => assertAccessibleInBoth(alice, screen);

/** The same on a phone; the page is left wide. */
async function onAPhone(screen: string): Promise<void> {
	await alice.setViewportSize(SCREENS.phone);
	await alice.getByRole("main").waitFor();
	await assertAccessible(alice, `${screen}, on a phone`);
	assert.equal(
		await alice.evaluate("document.documentElement.scrollWidth > innerWidth"),
		false,
		`${screen} is too wide`,
	);
	await alice.setViewportSize(SCREENS.desktop);
}

step("registration and terms", async () => {
	await alice.getByLabel("Phone number").waitFor();
	await inBothAppearances("number");
	await alice.getByLabel("Phone number").fill("+1555");
	await alice.getByRole("button", { name: "Send me a code" }).click();
	await alice.getByRole("alert").waitFor();
	await inBothAppearances("number that is none");
	await alice.getByLabel("Phone number").fill("");
	await alice.getByLabel("Phone number").pressSequentially(ALICE.phone);
	await alice.getByRole("button", { name: "Send me a code" }).click();
	await alice.getByLabel("Code with 6 digits").waitFor();
	await inBothAppearances("code");
	await alice.reload();
	await register(alice, server, ALICE);
	await inBothAppearances("terms");
	await onAPhone("terms");
	await acceptTerms(alice);
	await inBothAppearances("no chats");
	await onAPhone("no chats");
});

step("chats", async () => {
	await join(bob, server, BOB);
	await alice.getByRole("button", { name: "New chat" }).click();
	await alice.getByLabel("Their phone number").waitFor();
	await inBothAppearances("new chat");
	await onAPhone("new chat");
	await alice.getByRole("button", { name: "Back" }).click();
	await startChat(alice, BOB.phone);
	await say(alice, "Hello Bob");
	await chat(bob, "Alice").click();
	await say(bob, "Hello Alice");
	await message(alice, "Hello Alice").hover();
	await message(alice, "Hello Alice")
		.getByRole("button", { name: /^Actions/ })
		.click();
	await alice.getByRole("menuitem", { name: "Reply" }).waitFor();
	await alice.getByRole("menuitem", { name: "Details" }).click();
	await inBothAppearances("message details");
	await alice.keyboard.press("Escape");
	await inBothAppearances("chat");
	await onAPhone("chat");
	await alice.getByRole("button", { name: "Chat info" }).click();
	await alice.getByRole("region", { name: "Chat info" }).waitFor();
	await inBothAppearances("chat info");
	await onAPhone("chat info");
	await alice.getByRole("button", { name: "Block Bob" }).click();
	await alice.getByRole("alertdialog").waitFor();
	await inBothAppearances("block");
	await alice.keyboard.press("Escape");
	await alice.getByRole("link", { name: /Safety number/ }).click();
	await alice.getByRole("img", { name: /QR/ }).waitFor();
	await inBothAppearances("safety number");
});

step("groups and settings", async () => {
	await alice.goto(`${server.url}#/new-group`);
	await alice.getByLabel("Name of the group").waitFor();
	await alice.getByRole("button", { name: /^Bob/, pressed: false }).click();
	await inBothAppearances("new group");
	await alice.getByLabel("Name of the group").fill("Choir");
	await alice.getByRole("button", { name: "Create group" }).click();
	await composer(alice).waitFor();
	await alice.getByRole("button", { name: "Chat info" }).click();
	await alice.getByRole("region", { name: "Group info" }).waitFor();
	await inBothAppearances("group info");
	for (const [page, heading] of [
		["", "Settings"],
		["/devices", "Devices"],
		["/blocked", "Blocked people"],
		["/notifications", "Notifications"],
		["/privacy", "Who can see what"],
		["/terms", "Terms and privacy"],
		["/registration-lock", "Registration lock"],
		["/change-number", "Change my number"],
		["/delete-account", "Delete my account"],
		["/storage", "What is stored here"],
		["/backup", "Backup and export"],
	]) {
		await alice.goto(`${server.url}#/settings${page}`);
		await alice
			.getByRole("heading", { name: heading ?? "", level: 1 })
			.first()
			.waitFor();
		await inBothAppearances(`settings${page}`);
		if (page === "") await onAPhone("settings");
		// This server shares with nobody: no screen speaks of it (C10).
		assert.equal(await alice.getByText(/shar(ed|ing)/i).count(), 0, page);
	}
});

step("finding people, being found, and letting a device in", async () => {
	for (const [page, heading] of [
		["people/by-name", "By username or link"],
		["people/contacts", "Contacts"],
		["people/invite", "Invite someone"],
		["people/reach-me", "How people reach you"],
		["link", "Link a device"],
	]) {
		await alice.goto(`${server.url}#/${page}`);
		await alice.getByRole("heading", { name: heading ?? "", level: 1 }).waitFor();
		await onAPhone(page ?? "");
	}
	await inBothAppearances("link");
	await alice.evaluate("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'))");
	await alice.getByRole("button", { name: "Scan the code" }).click();
	await alice.getByText("The camera can not be used.").waitFor();
	await inBothAppearances("scanning without a camera");
	await alice.keyboard.press("Escape");
});

step("what the operator is told by alice, and does about it", async () => {
	await alice.goto(`${server.url}#/`);
	await chat(alice, "Bob").click();
	await alice.getByRole("button", { name: "Chat info" }).click();
	await alice.getByRole("button", { name: "Report Bob" }).click();
	await alice.getByLabel("They try to cheat people").check();
	await alice.getByLabel("Show the operator their last messages here").check();
	await alice.getByRole("button", { name: "Report", exact: true }).click();
	await alice
		.getByText(/^Reported/)
		.first()
		.waitFor();
	await alice.goto(`${server.url}operator`);
	await alice.getByLabel("The operator's token").fill(OPERATOR);
	await alice.getByRole("button", { name: "Log in" }).click();
	await alice.getByRole("link", { name: "People", exact: true }).first().click();
	await alice.getByRole("link", { name: "Look at it" }).click();
	await alice.getByLabel("Why do you look?").fill("alice reported it");
	await alice.getByRole("button", { name: "Write it down and look" }).click();
	await alice.getByLabel("Label").selectOption({ label: "bulk messages" });
	await alice.getByLabel("Why?").fill("two hundred messages to strangers");
	await alice.getByRole("button", { name: "Write it down and limit" }).click();
	await alice.getByText("The account is limited").waitFor();
	await inBothAppearances("an account with a report and a limit");
	await onAPhone("an account with a report and a limit");
	await alice.getByLabel("Why do you read it?").fill("to see whether it was bulk");
	await alice.getByRole("button", { name: "Write it down and read" }).click();
	await alice.getByText("Hello Alice").waitFor();
	await inBothAppearances("a report");
	await onAPhone("a report");
});

step("alice writes to bob by keyboard alone", async () => {
	await alice.goto(`${server.url}#/`);
	await chat(alice, "Bob").waitFor();
	await alice.keyboard.press("Control+k");
	await alice.getByLabel("Their phone number").waitFor();
	await alice.keyboard.type(BOB.phone);
	await alice.keyboard.press("Enter");
	await eventually(async () => assert.equal(await focusedName(), "Message to Bob"));
	await alice.keyboard.type("two lines:");
	await alice.keyboard.press("Shift+Enter");
	await alice.keyboard.type("by keyboard");
	await alice.keyboard.press("Enter");
	await message(alice, "two lines: by keyboard").waitFor();
	await message(bob, "two lines: by keyboard").waitFor();
});

step("she walks through the messages with the arrow keys and answers one", async () => {
	await alice.keyboard.press("Shift+Tab");
	await alice.keyboard.press("ArrowUp");
	await alice.keyboard.press("ArrowUp");
	await eventually(async () => assert.match(await focusedText(), /^Hello Alice/));
	await alice.keyboard.press("Enter");
	await alice.getByRole("menuitem", { name: "Reply" }).press("Enter");
	await alice.getByText("Replying to Bob").waitFor();
	await eventually(async () => assert.equal(await focusedName(), "Message to Bob"));
	await alice.keyboard.press("Escape");
	await alice.getByText("Replying to Bob").waitFor({ state: "detached" });
	await composer(alice).waitFor();
});

step("she walks through the chats with the arrow keys, and Escape leads up", async () => {
	// A tooltip that happens to be open takes the first Escape for itself.
	await eventually(async () => {
		await alice.keyboard.press("Escape");
		assert.equal(await alice.getByRole("heading", { name: "Pick a chat, or start one" }).isVisible(), true);
	});
	await chat(alice, "Bob").focus();
	await alice.keyboard.press("ArrowDown");
	await eventually(async () => assert.match(await focusedText(), /\bChoir\b/));
	await alice.keyboard.press("Home");
	assert.match(await focusedText(), /\bBob\b/);
	await alice.keyboard.press("Enter");
	await composer(alice).waitFor();
});

step("a message that comes is announced, with who wrote it", async () => {
	await chat(alice, "Choir").click();
	await say(bob, "Can you hear this?");
	await alice.getByText("New message from Bob: Can you hear this?").waitFor({ state: "attached" });
});

// The operator's login is an answer of its own kind.
step("no page had an error", () => alicesProfile.assertUntroubled(/status of 401/));

function focusedName(): Promise<string> {
	return alice.evaluate(
		"document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.innerText ?? ''",
	);
}

function focusedText(): Promise<string> {
	return alice.evaluate("document.activeElement?.innerText ?? ''");
}
