/** Alice links a second browser in the app: the code, the yes, both in the same chat, and one removed by the other. */
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { assertAccessible, assertAccessibleInBoth } from "./_axe.ts";
import { Profile, SCREENS, withBrowser } from "./_browser.ts";
import { chat, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { step } from "./_story.ts";

const ALICE = { phone: "+15550100171", name: "Alice" };
const BOB = { phone: "+15550100172", name: "Bob" };

let server: TestServer;
let browser: Browser & AsyncDisposable;
let profiles: readonly Profile[];
let phone: Page;
let laptop: Page;
let bob: Page;

before(async () => {
	[server, browser] = await withBrowser(TestServer.start());
	profiles = [await Profile.open(browser), await Profile.open(browser), await Profile.open(browser)];
	// What Chromium has on phones and not here: the system's reader of codes. The camera is the browser's own for tests.
	await profiles[0]?.context.addInitScript(`globalThis.BarcodeDetector = class {
		async detect(video) {
			const code = video.videoWidth > 0 ? globalThis.seenByTheCamera : undefined;
			return code === undefined ? [] : [{ rawValue: code }];
		}
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
});

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

step("she lets it in: it has her name, her chats and what was said before", async () => {
	const code = await laptop.getByText(/^([A-Z2-7]{4} ?){13}$/).textContent();
	await phone.getByRole("button", { name: "Scan the code" }).click();
	await phone.getByRole("dialog", { name: "Scan the code" }).getByText("Point the camera").waitFor();
	await assertAccessible(phone, "scanning");
	const address = `${server.url}#/link/${code?.replaceAll(" ", "-")}`;
	await phone.evaluate(`globalThis.seenByTheCamera = ${JSON.stringify(address)}`);
	await phone.getByRole("heading", { name: /^Link “.* on Linux”\?$/ }).waitFor();
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
