/** New terms in the app: notice, refusal, acceptance, a yes, what became of it, and taking it back. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { DAY, type SharingWorld, startSharingWorld } from "../../client/stories/_sharing.ts";
import { buildWeb } from "../../web/build.ts";
import { assertAccessible } from "./_axe.ts";
import { Profile, SCREENS, withBrowser } from "./_browser.ts";
import { join, register } from "./_person.ts";
import { picture } from "./_picture.ts";
import { eventually, step } from "./_story.ts";

const ALICE = { phone: "+15550100301", name: "Alice" };
const ALICES_NEXT = "+15550100303";
const BOB = { phone: "+15550100302", name: "Bob" };
const FRIENDS = "Suggest friends on Family and Photos";
const ADS = "More relevant ads on Family";
const LINK = "Link this device with your Family account";

let town: SharingWorld;
let browser: Browser & AsyncDisposable;
let alicesProfile: Profile;
let alice: Page;

before(async () => {
	const { root } = await buildWeb();
	[town, browser] = await withBrowser(startSharingWorld({ members: [ALICE.phone, ALICES_NEXT], webRoot: root }));
	alicesProfile = await Profile.open(browser, { acceptDownloads: true });
	alice = await alicesProfile.tab(`${town.world.url}/`);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await town?.[Symbol.asyncDispose]();
});

/** Light on a desktop, dark on a phone; the page is left as it was. */
async function looksRight(page: Page, name: string): Promise<void> {
	await assertAccessible(page, name);
	await page.evaluate("for (const element of document.querySelectorAll('*')) element.scrollTop = 0");
	await picture(page, name);
	await page.setViewportSize(SCREENS.phone);
	await page.emulateMedia({ colorScheme: "dark" });
	await assertAccessible(page, `${name}, dark on a phone`);
	const wide = (await page.evaluate("document.documentElement.scrollWidth > innerWidth")) as boolean;
	assert.equal(wide, false, `${name} is wider than a phone`);
	await page.setViewportSize(SCREENS.desktop);
	await page.emulateMedia({ colorScheme: "light" });
}

const card = (page: Page, title: string) => page.getByRole("region", { name: title });
const goTo = (page: Page, place: string) => page.goto(`${town.world.url}/#/${place}`);

/** The door works until the page, read anew, shows this. */
async function untilShares(text: string | RegExp): Promise<void> {
	await eventually(async () => {
		await town.door.tick();
		await goTo(alice, "settings/sharing");
		await alice
			.getByRole("link", { name: /What was shared about me/ })
			.last()
			.click();
		await alice.getByText(text).first().waitFor({ timeout: 2_000 });
	});
}

step("under the old promise: nothing to choose, and nothing was ever shared", async () => {
	await join(alice, town.world, ALICE);
	await goTo(alice, "settings/sharing");
	await alice.getByText("there is nothing to choose").waitFor();
	await goTo(alice, "settings/shares");
	await alice.getByText("Nothing was ever shared about you.").waitFor();
	await assertAccessible(alice, "nothing-shared");
});

step("version 2 comes as a calm page, with both dates; the days run from now", async () => {
	await town.publish("opt-in");
	await alice.getByRole("heading", { name: "The terms are changing" }).waitFor();
	await alice.getByText(/Accept by .* \(30 days left\)/).waitFor();
	await alice.getByText("30 more days for your choices").waitFor();
	await alice.getByText("Terms of service", { exact: true }).last().click();
	await alice.getByText("New", { exact: true }).first().waitFor();
	await alice.getByText("Terms of service", { exact: true }).last().click();
	await looksRight(alice, "new-terms");
});

step("put aside, a banner stays and counts the days", async () => {
	await alice.getByRole("button", { name: "Not now" }).click();
	await alice.getByText("Version 2 of the terms waits for your answer: 30 days left.").waitFor();
	town.clock.advance(10 * DAY);
	await alice.reload();
	// It comes back by itself on the days of the reminders.
	await alice.getByRole("button", { name: "Not now" }).click();
	await alice.getByText("Version 2 of the terms waits for your answer: 20 days left.").waitFor();
});

step("accepting leads to the choices: nothing is ticked, yes and no weigh the same", async () => {
	await alice.getByRole("button", { name: "Read and answer" }).click();
	await alice.getByRole("button", { name: "Accept version 2" }).click();
	await alice.getByRole("heading", { name: "Your choices about sharing" }).waitFor();
	for (const title of [FRIENDS, ADS]) {
		const [allow, refuse] = ["Allow", "Do not allow"].map((name) =>
			card(alice, title).getByRole("radio", { name, exact: true }),
		);
		assert.equal(await allow?.isChecked(), false);
		assert.equal(await refuse?.isChecked(), false);
		const [one, other] = [await allow?.boundingBox(), await refuse?.boundingBox()];
		assert.deepEqual([one?.width, one?.height], [other?.width, other?.height]);
	}
	assert.equal(await card(alice, LINK).count(), 0, "linking is an act on a device, not a box");
	await looksRight(alice, "choices");
	await card(alice, ADS).getByRole("radio", { name: "Do not allow" }).click();
	await alice.getByRole("button", { name: "Save and continue" }).click();
	await alice.getByRole("heading", { name: "Your choices about sharing" }).waitFor({ state: "detached" });
});

step("in the settings each purpose has its words, its state and a switch, for 30 days at the top", async () => {
	await goTo(alice, "settings/sharing");
	await alice.getByText("Your choices: 30 days left").first().waitFor();
	await card(alice, FRIENDS).getByText("Not answered: off").waitFor();
	await card(alice, ADS)
		.getByText(/^Not allowed, since/)
		.waitFor();
	await card(alice, LINK).getByText("You link accounts from the site of Family").waitFor();
	await card(alice, FRIENDS).getByRole("switch").click();
	await card(alice, FRIENDS)
		.getByText(/^Allowed since/)
		.waitFor();
	await looksRight(alice, "sharing");
});

step("what does not need her yes stands apart, and one touch is her objection, as one is its end", async () => {
	await goTo(alice, "settings/sharing");
	await alice.getByRole("heading", { name: "What does not need your yes" }).waitFor();
	const use = card(alice, "Count how often our services are used");
	assert.equal(await use.getByRole("switch").isChecked(), true);
	await use.getByText("our legitimate interest").waitFor();
	await use.getByRole("switch").click();
	await use.getByText(/^You objected on/).waitFor();
	assert.equal(await use.getByRole("switch").isChecked(), false);
	await use.getByRole("switch").click();
	await use.getByText("You can object here, at any time and without a reason.").waitFor();
	for (const [title, said] of [
		["See how well delivery works", "It is about nobody"],
		["Fight spam and abuse", "You can object to a limit on your account when there is one."],
		["Act against infringement", "There is no objection: the law demands it."],
	] as const) {
		assert.equal(await card(alice, title).getByRole("switch").count(), 0, title);
		await card(alice, title).getByText(said).waitFor();
	}
});

step("a receipt can be kept as a file", async () => {
	const [download] = await Promise.all([
		alice.waitForEvent("download"),
		alice
			.getByRole("button", { name: /^Download the receipt/ })
			.first()
			.click(),
	]);
	assert.match(download.suggestedFilename(), /^troth-receipt-[0-9a-f]{32}\.jsonld$/);
});

step(
	"where she lives and her age: what is not for minors is no choice any more, and nothing comes back by itself",
	async () => {
		await goTo(alice, "settings/sharing");
		const place = card(alice, "Where I live, and my age");
		const saved = alice.getByText("Saved. What the rules no longer allow is called back.").first();
		await place.getByText("United States, as my number says").waitFor({ state: "attached" });
		await place.getByLabel("I live in").selectOption("KR");
		await saved.waitFor();
		await place.getByRole("switch", { name: "I am under 19" }).click();
		await card(alice, ADS).getByText("Not for people under 19: it stays off.").waitFor();
		assert.equal(await card(alice, ADS).getByRole("switch").count(), 0);
		await looksRight(alice, "where-and-age");
		await place.getByRole("switch", { name: "I am under 19" }).click();
		await card(alice, ADS).getByRole("switch").waitFor();
		await place.getByLabel("I live in").selectOption({ label: "United States, as my number says" });
		await place.getByRole("switch", { name: "I am under 18" }).waitFor();
		await card(alice, FRIENDS)
			.getByText(/^Allowed since/)
			.waitFor();
	},
);

step("what was shared stands there with its proof, checked on this device", async () => {
	await untilShares("Shared: they have it");
	await alice.getByText("2 entries, all verified on this device.").waitFor();
	const first = alice.getByRole("listitem", { name: "your phone number → Photos" });
	await first.getByText(/^Verified on this device/).click();
	await first.getByText("witness.example").first().waitFor();
	await looksRight(alice, "shares");
});

step(
	"another number: said before it happens what goes on with it, and what is taken back from the old one",
	async () => {
		await goTo(alice, "settings");
		await alice.getByRole("link", { name: "Change my number" }).click();
		await alice.getByText("What was shared with your old number is taken back").waitFor();
		await alice.getByText(`You said yes to “${FRIENDS}”: that goes on with the new number`).waitFor();
		await alice.getByLabel("Your new number").pressSequentially(ALICES_NEXT);
		await looksRight(alice, "change-number");
		await alice.getByRole("button", { name: "Send a code to it" }).click();
		await alice.getByLabel("Code with 6 digits").waitFor();
		await assertAccessible(alice, "change-number-code");
		await alice.getByLabel("Code with 6 digits").fill(town.world.code(ALICES_NEXT));
		await alice.getByRole("heading", { name: "From +1 555 010 0301 to +1 555 010 0303" }).waitFor();
		await looksRight(alice, "change-number-confirm");
		await alice.getByRole("button", { name: "Change my number" }).click();
		await alice.getByText("Your number is +1 555 010 0303.").waitFor();
		await assertAccessible(alice, "change-number-done");
		await goTo(alice, "settings");
		await alice.getByText("+1 555 010 0303").first().waitFor();
		await untilShares("Shared: they have it");
		await alice.getByText("6 entries, all verified on this device.").waitFor();
		// Each company answers in its own time.
		await eventually(async () => {
			await town.door.tick();
			assert.deepEqual(
				[...town.family.kept.values(), ...town.photos.kept.values()].map((values) => values["phone_number"]),
				[ALICES_NEXT, ALICES_NEXT],
			);
		});
	},
);

step("taking it back is one touch, and the deletion is acknowledged", async () => {
	await goTo(alice, "settings/sharing");
	await card(alice, FRIENDS).getByRole("switch").click();
	await card(alice, FRIENDS)
		.getByText(/^Taken back on/)
		.waitFor();
	await untilShares("Taken back, and deleted there");
	assert.equal(await alice.getByText("Shared: they have it").count(), 0);
	assert.equal(town.family.kept.size, 0);
});

step("an outsider checks the logs on the auditor's page, and again, and would see that one was rewritten", async () => {
	await using profile = await Profile.open(browser);
	const page = await profile.tab(`${town.world.url}/auditor`);
	const logs = page.getByRole("textbox", { name: "Logs" });
	await eventually(async () => assert.match(await logs.inputValue(), /^shares .*\npolicy .*\nindex /));
	// No witness looks at the companies' logs in this town.
	await logs.fill((await logs.inputValue()).split("\n").slice(0, 3).join("\n"));
	const check = async (verdict: string) => {
		await page.getByRole("button", { name: "Check now" }).click();
		await page.getByText(verdict).waitFor();
	};
	await check("Everything that could be checked holds.");
	await page.getByText("The index of chain values was made anew from the leaves").waitFor();
	await page.getByText(/Version 2, hash .*: the server publishes it as it stands in the log/).waitFor();
	await page.getByText("Open for more than 24 hours: none.").waitFor();
	await looksRight(page, "auditor");
	await check("Everything that could be checked holds.");
	assert.ok((await page.getByText(/^Holds: It goes on from the/).count()) === 3);
	await page.evaluate(`for (const [key, value] of Object.entries(localStorage))
		localStorage.setItem(key, value.replace(/ .* /, " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= "));`);
	await check("Something does not hold.");
	await logs.fill("nothing");
	await page.getByRole("button", { name: "Check now" }).click();
	await page.getByText("Line 1 is no log").waitFor();
	profile.assertUntroubled();
});

step("the page of the other company leads here, and gets one signed word back", async () => {
	const stranger = `${town.world.url}/link-family?to=${encodeURIComponent("https://mallory.example/connect/00ff")}`;
	await alice.goto(stranger);
	await alice.getByRole("heading", { name: "This link leads nowhere" }).waitFor();
	const page = `${town.family.url}/connect/${"ab".repeat(32)}`;
	await alice.goto(`${town.world.url}/link-family?to=${encodeURIComponent(page)}`);
	await alice.getByRole("heading", { name: "Link with Family?" }).waitFor();
	await assertAccessible(alice, "link");
	await picture(alice, "link");
	await alice.getByRole("button", { name: "Yes, link them" }).click();
	await alice.getByRole("link", { name: "Back to Family" }).waitFor();
	await goTo(alice, "settings/sharing");
	await card(alice, LINK).getByRole("button", { name: "Unlink" }).waitFor();
});

step("under opt-out somebody new finds the boxes ticked, and one touch unticks", async () => {
	await town.publish("opt-out", 3);
	const bob = await (await Profile.open(browser)).tab(`${town.world.url}/`);
	await register(bob, town.world, BOB);
	await bob.getByRole("button", { name: "Accept and continue" }).click();
	await bob.getByText("Nothing leaves in the first 30 days").waitFor();
	for (const title of [FRIENDS, ADS])
		assert.equal(await card(bob, title).getByRole("radio", { name: "Allow", exact: true }).isChecked(), true);
	await card(bob, ADS).getByRole("radio", { name: "Do not allow" }).click();
	await bob.getByRole("button", { name: "Save and continue" }).click();
	await bob.getByRole("navigation", { name: "Conversations" }).waitFor();
	await goTo(bob, "settings/sharing");
	await card(bob, FRIENDS)
		.getByText(/^Nothing leaves before/)
		.waitFor();
	await card(bob, ADS)
		.getByText(/^Not allowed, since/)
		.waitFor();
});

step("who lets the days pass is told what still works, and accepting ends it", async () => {
	await alice.getByRole("heading", { name: "The terms are changing" }).waitFor();
	await alice.getByText(/Accept by/).waitFor();
	town.clock.advance(30 * DAY);
	await alice.reload();
	await alice.getByRole("heading", { name: "Your account is paused" }).waitFor();
	await assertAccessible(alice, "suspended");
	await picture(alice, "suspended");
	// For 90 days nobody comes, until the server has written that the account is to end.
	await alice.goto("about:blank");
	// A server that was started anew has nobody left who is just going.
	await town.world.stop();
	await town.world.start();
	const warned = () => town.world.log.some((line) => line.includes('"event":"absence-warned"'));
	town.clock.advance(90 * DAY);
	await eventually(async () => {
		town.clock.advance(DAY / 8);
		assert.ok(warned());
	});
	await goTo(alice, "");
	await alice.getByText(/^Your account was to be deleted on .* You are here: that is put off\./).waitFor();
	await looksRight(alice, "account-ending");
	await alice.getByRole("button", { name: "I have seen it" }).click();
	await alice.getByText(/^Your account was to be deleted/).waitFor({ state: "detached" });
	await alice.getByRole("button", { name: "Read what is here" }).click();
	await alice.getByText("You can not send: the terms are not accepted.").waitFor();
	await alice.getByRole("button", { name: "Read and answer" }).click();
	await alice.getByRole("button", { name: "Accept version 3" }).click();
	await alice.getByRole("heading", { name: "Your choices about sharing" }).waitFor();
	alicesProfile.assertUntroubled(/503|Service Unavailable|403/);
});
