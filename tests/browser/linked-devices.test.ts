/** Alice links a second browser in the app: the code, the yes, both in the same chat, and one removed by the other. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { assertAccessible, assertAccessibleInBoth } from "./_axe.ts";
import { Profile, SCREENS, withBrowser } from "./_browser.ts";
import { Camera } from "./_camera.ts";
import { chat, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { eventually, step } from "./_story.ts";

const ALICE = { phone: "+15550100171", name: "Alice" };
const BOB = { phone: "+15550100172", name: "Bob" };

let server: TestServer;
let camera: Camera;
let browser: Browser & AsyncDisposable;
let profiles: readonly Profile[];
let phone: Page;
let laptop: Page;
let bob: Page;

before(async () => {
	camera = new Camera();
	await camera.seesNothing();
	[server, browser] = await withBrowser(TestServer.start(), camera.flags);
	profiles = [await Profile.open(browser), await Profile.open(browser), await Profile.open(browser)];
	await profiles[0]?.context.addInitScript(`{
		globalThis.cameras = [];
		const media = globalThis.MediaDevices?.prototype;
		const ask = media?.getUserMedia;
		if (media !== undefined) media.getUserMedia = async function (wanted) {
			const stream = await ask.call(this, wanted);
			globalThis.cameras.push(...stream.getTracks());
			return stream;
		};
	}`);
	[phone, laptop, bob] = (await Promise.all(profiles.map((profile) => profile.tab(server.url)))) as [Page, Page, Page];
	await join(phone, server, ALICE);
	await join(bob, server, BOB);
	await startChat(phone, BOB.phone);
	await say(phone, "Before the laptop");
	await chat(bob, "Alice").click();
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
	await camera?.[Symbol.asyncDispose]();
});

async function cameraIs(page: Page, state: "on" | "off"): Promise<void> {
	await eventually(async () => {
		const on = await page.evaluate("cameras.filter(({ readyState }) => readyState === 'live').length");
		assert.equal(on, state === "on" ? 1 : 0);
	});
}

/** Another window stands before this one, or does not any more. */
async function hide(page: Page, hidden: boolean): Promise<void> {
	await page.evaluate(`{
		Object.defineProperty(document, "hidden", { get: () => ${hidden}, configurable: true });
		document.dispatchEvent(new Event("visibilitychange"));
	}`);
}

step("the laptop shows a code, and the phone says no to one that nobody shows", async () => {
	await phone.goto(`${server.url}#/settings/devices`);
	await phone.getByRole("button", { name: "Link a device" }).click();
	await phone.getByLabel("Code of the new device").fill("ABCD");
	await phone.getByRole("button", { name: "Go on" }).click();
	await phone.getByText("This is not a complete code.").waitFor();
	await phone.getByLabel("Code of the new device").fill("A".repeat(52));
	await phone.getByRole("button", { name: "Go on" }).click();
	await phone.getByText("No device waits under this code").waitFor();
	await assertAccessibleInBoth(phone, "nobody waits");
	await laptop.getByRole("button", { name: "Link to a device you have" }).click();
	await laptop.getByRole("img", { name: "Code to link this browser" }).waitFor();
	await assertAccessibleInBoth(laptop, "code of a new device");
});

step("she scans it and lets the laptop in: it has her name, her chats and what was said before", async () => {
	await phone.getByRole("button", { name: "Scan the code" }).click();
	await phone.getByRole("dialog", { name: "Scan the code" }).getByText("Point the camera").waitFor();
	await assertAccessible(phone, "scanning");
	await cameraIs(phone, "on");
	await hide(phone, true);
	await cameraIs(phone, "off");
	await camera.sees(laptop.getByRole("img", { name: "Code to link this browser" }));
	await hide(phone, false);
	await phone.getByRole("heading", { name: /^Link “.* on Linux”\?$/ }).waitFor();
	await cameraIs(phone, "off");
	await phone.getByText("write in your name").waitFor();
	await assertAccessibleInBoth(phone, "letting a device in");
	await phone.setViewportSize(SCREENS.phone);
	await assertAccessibleInBoth(phone, "letting a device in, on a phone");
	await phone.setViewportSize(SCREENS.desktop);
	await phone.getByRole("button", { name: "Link this device" }).click();
	await phone.getByText("Linked", { exact: true }).waitFor();
	await laptop.getByRole("navigation", { name: "Conversations" }).getByRole("link").first().click();
	await message(laptop, "Before the laptop").waitFor();
	await say(laptop, "From the laptop");
	await message(bob, "From the laptop").waitFor();
	await say(bob, "To both of you");
	await message(laptop, "To both of you").waitFor();
	await phone.goto(`${server.url}#/`);
	await chat(phone, "Bob").click();
	await message(phone, "From the laptop").waitFor();
	await message(phone, "To both of you").waitFor();
});

step("the list has both; the laptop removes the phone, which says so and keeps what it had", async () => {
	await laptop.goto(`${server.url}#/settings/devices`);
	await laptop
		.getByRole("button", { name: /^Remove / })
		.nth(1)
		.waitFor();
	await assertAccessibleInBoth(laptop, "linked devices");
	const rows = laptop.getByRole("listitem").filter({ has: laptop.getByRole("button", { name: /^Remove / }) });
	await rows
		.filter({ hasNotText: "This browser" })
		.getByRole("button", { name: /^Remove / })
		.click();
	await laptop.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
	await phone.getByText("This device was removed from your account").waitFor();
	await message(phone, "To both of you").waitFor();
	// The last one is not removed.
	await rows.first().waitFor({ state: "detached" });
	await phone.getByRole("button", { name: "Start over in this browser" }).click();
	await phone.getByRole("alertdialog").getByRole("button", { name: "Erase and start over" }).click();
	await phone.getByLabel("Phone number").waitFor();
	for (const profile of profiles) profile.assertUntroubled();
});
