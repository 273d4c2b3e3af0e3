/** The embedded pages in a shop's own page: notice, choices, what was shared, and a second browser. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Frame, FrameLocator, Page } from "playwright-core";
import { assertAccessible } from "./_axe.ts";
import { type BesideTown, loginOf, startBesideTown } from "./_beside.ts";
import { launchBrowser, Profile, SCREENS } from "./_browser.ts";
import { picture } from "./_picture.ts";

const CARLA = { name: "Carla", phone: "+15550100003" };

let town: BesideTown;
let browser: Browser & AsyncDisposable;
let laptop: Profile;
let page: Page;

before(async () => {
	town = await startBesideTown([CARLA, { name: "Dan", phone: "+15550100004" }]);
	browser = await launchBrowser();
	laptop = await Profile.open(browser);
});

after(async () => {
	await laptop?.[Symbol.asyncDispose]();
	await browser?.[Symbol.asyncDispose]();
	await town?.[Symbol.asyncDispose]();
});

const sharing = (on: Page): FrameLocator => on.frameLocator("#sharing iframe");

/** The frame itself, for what looks at whole documents. */
function embedded(on: Page): Frame {
	const frame = on.frames().find((one) => one.url().startsWith(town.bridge));
	assert.ok(frame !== undefined);
	return frame;
}

async function logIn(profile: Profile): Promise<Page> {
	const tab = await profile.tab(town.shop);
	await tab.getByRole("button", { name: "Carla" }).click();
	return tab;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
	for (let seconds = 0; !(await holds()); seconds++) {
		assert.ok(seconds < 60, `waited in vain: ${what}`);
		await town.tick();
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}

test("the notice says in short what goes to whom; nothing is chosen, and both answers are equal", async () => {
	page = await logIn(laptop);
	const frame = sharing(page);
	await frame.getByRole("heading", { name: "What Corner Shop would like to share" }).waitFor();
	const choices = frame.getByRole("radiogroup");
	assert.equal(await choices.count(), 2);
	for (const radio of await frame.getByRole("radio").all())
		assert.equal(await radio.getAttribute("aria-checked"), "false");
	const [allow, refuse] = await Promise.all(
		["Allow", "Do not allow"].map((name) => choices.first().getByRole("radio", { name, exact: true }).boundingBox()),
	);
	assert.deepEqual([allow?.width, allow?.height], [refuse?.width, refuse?.height]);
	await until("the frame to be as high as what it shows", async () => {
		const outer = await page.locator("#sharing iframe").boundingBox();
		const inner = await embedded(page).evaluate("document.getElementById('app').getBoundingClientRect().height");
		return Math.abs((outer?.height ?? 0) - Number(inner)) < 3;
	});
	const anyway = frame.getByRole("region", { name: "What does not need your yes" });
	await anyway.getByText("Count how often our services are used").waitFor();
	await anyway.getByText("You can object here, at any time and without a reason.").waitFor();
	await assertAccessible(embedded(page), "notice in the shop");
	await assertAccessible(page, "the shop");
	await picture(page, "beside-notice");
	assert.doesNotMatch(
		await frame.locator("html").evaluate("location.href"),
		/token/,
		"the token is gone from the address",
	);
});

test("carla accepts, allows one purpose and refuses the other: one share, verified in her browser", async () => {
	const frame = sharing(page);
	const [friends, ads] = [frame.getByRole("radiogroup").first(), frame.getByRole("radiogroup").last()];
	await friends.getByRole("radio", { name: "Allow", exact: true }).click();
	await ads.getByRole("radio", { name: "Do not allow" }).click();
	await frame.getByRole("button", { name: "Accept version 1 and save" }).click();
	await frame.getByText("Allowed since").waitFor();
	await until("the share", async () => (await town.held(CARLA.phone)).join() === "friend_suggestions");
	await town.tick();
	await frame.getByRole("button", { name: "What was shared" }).click();
	await frame.getByText("all verified here").waitFor();
	await until("the receipt", () => frame.getByText("Shared: they have it").isVisible());
	await assertAccessible(embedded(page), "shares in the shop");
	await picture(page, "beside-shares");
});

test("one touch in the settings takes it back", async () => {
	const frame = sharing(page);
	await frame.getByRole("button", { name: "Choices" }).click();
	await frame.getByText("Allowed since").waitFor();
	await assertAccessible(embedded(page), "settings in the shop");
	await picture(page, "beside-settings");
	await frame.getByRole("radiogroup").first().getByRole("radio", { name: "Do not allow" }).click();
	await frame.getByText("Taken back on").waitFor();
	await until("the recall", async () => (await town.held(CARLA.phone)).length === 0);
	await frame.getByRole("radiogroup").first().getByRole("radio", { name: "Allow", exact: true }).click();
	await frame.getByText("Allowed since").waitFor();
	await until("the second yes", async () => (await town.held(CARLA.phone)).length === 1);
});

test("she objects in the settings to what needs no yes, and ends the objection", async () => {
	const use = sharing(page).getByRole("region", { name: "Count how often our services are used" });
	await use.getByText("legitimate interest").waitFor();
	const switched = use.getByRole("switch", { name: "Count how often our services are used" });
	assert.equal(await switched.getAttribute("aria-checked"), "true");
	await switched.click();
	await use.getByText(/^You objected on .*: it stopped/).waitFor();
	assert.equal(await switched.getAttribute("aria-checked"), "false");
	await assertAccessible(embedded(page), "an objection in the shop");
	await switched.click();
	await use.getByText("You can object here, at any time and without a reason.").waitFor();
});

test("she sees in the settings what the shop says of her account, objects, and the shop has to look at it again", async () => {
	const told = async () => (await town.held(CARLA.phone)).includes("spam_and_abuse");
	const staff = await laptop.tab(`${town.shop}/staff`);
	await staff.getByLabel("Why: Carla").selectOption("Bulk messages");
	await staff.getByLabel("How grave: Carla").selectOption("high");
	await staff.getByRole("button", { name: "Act upon the account: Carla" }).click();
	await staff.getByText("Carla: Bulk messages, high").waitFor();
	await until("the label", told);
	await page.goto(`${town.shop}/?sharing=settings`);
	const labels = sharing(page).getByRole("region", { name: "What is said of your account" });
	await labels.getByText("messages to many people who did not ask for them").waitFor();
	await assertAccessible(embedded(page), "a label in the shop");
	await labels.getByRole("button", { name: "Object" }).click();
	await labels.getByText("You objected on").waitFor();
	await until("it to be called back", async () => !(await told()));

	await staff.reload();
	await staff.getByText("Objections that wait: 1.").waitFor();
	await assertAccessible(staff, "the shop's staff");
	await picture(staff, "beside-staff");
	await staff.getByRole("button", { name: "It stands: Carla" }).click();
	await staff.getByText("No objection waits.").waitFor();
	await until("it to be told again", told);
	await staff.getByRole("button", { name: "End this: Carla" }).click();
	await until("it to be over", async () => !(await told()));
	await staff.close();
});

test("another browser takes back at once, and allows with the first one's code", async () => {
	await using phone = await Profile.open(browser, { viewport: SCREENS.phone, colorScheme: "dark", locale: "de-DE" });
	const other = await logIn(phone);
	const there = sharing(other);
	await there.getByText("Your yes is signed in another browser").waitFor();
	await there.getByRole("button", { name: "Choices" }).click();
	await picture(other, "beside-other-browser-phone-dark");
	await assertAccessible(embedded(other), "another browser");
	const here = sharing(page);
	await here.getByText("Use another browser as well").click();
	const code = (await here.locator("code").first().textContent()) ?? "";
	await there.getByLabel("Code of the other browser").fill("WRONG");
	await there.getByRole("button", { name: "Use this code" }).click();
	await there.getByText("This is not the code").waitFor();
	await there.getByLabel("Code of the other browser").fill(code.toLowerCase());
	await there.getByRole("button", { name: "Use this code" }).click();
	await there.getByText("Your yes is signed in another browser").waitFor({ state: "detached" });
	assert.match((await there.locator("h2").first().textContent()) ?? "", /Freunde/, "the policy speaks her language");
	await there.getByRole("radiogroup").last().getByRole("radio", { name: "Allow", exact: true }).click();
	await there.getByText("Allowed since").nth(1).waitFor();
	await until("the ads' share", async () => (await town.held(CARLA.phone)).length === 2);
	phone.assertUntroubled();
});

test("the parent's page sends her to the shop's: she says there that both accounts are hers, and goes back", async () => {
	const parent = await laptop.tab(`${town.family}/log-in`);
	const { email, password } = loginOf(CARLA.name);
	await parent.getByLabel("E-mail").fill(email);
	await parent.getByLabel("Password").fill(password);
	await parent.getByRole("button", { name: "Log in" }).click();
	await parent.getByRole("link", { name: "Connect" }).first().click();
	await parent.getByRole("button", { name: "Connect Corner Shop" }).click();
	await parent.getByRole("link", { name: "Open Corner Shop on this device" }).click();
	const frame = sharing(parent);
	await frame.getByRole("heading", { name: "Link with Family?" }).waitFor();
	assert.ok(parent.url().startsWith(`${town.shop}/link-family?to=`));
	assert.doesNotMatch(String(await frame.locator("html").evaluate("location.href")), /connect/);
	await assertAccessible(embedded(parent), "linking in the shop");
	await picture(parent, "beside-link");
	await frame.getByRole("button", { name: "Yes, link them" }).click();
	await frame.getByRole("link", { name: "Back to Family" }).click();
	await parent.waitForURL(`${town.family}/**`);
	await until("the link", async () => {
		await parent.goto(`${town.family}/connect`);
		return parent.getByText("Connected since").isVisible();
	});
	await parent.close();
});

test("she closes her account at the shop: what was shared is called back", async () => {
	await page.getByRole("button", { name: "Close my account" }).click();
	await page.getByText("Who are you?").waitFor();
	await until("the recalls", async () => (await town.held(CARLA.phone)).length === 0);
	// axe looks for itself in the frames around and below.
	laptop.assertUntroubled(/Failed to execute 'postMessage'/);
});

test("only the shop may frame the pages, and nobody the other answers", async () => {
	const policy = async (path: string) => (await fetch(town.bridge + path)).headers.get("content-security-policy") ?? "";
	assert.match(await policy("/embed/"), new RegExp(`frame-ancestors ${town.shop}$`));
	assert.doesNotMatch(await policy("/embed/"), /unsafe|\*/);
	assert.match(await policy("/healthz"), /frame-ancestors 'none'/);
	assert.equal((await fetch(`${town.bridge}/embed/../records.sqlite`)).status, 404);
});
