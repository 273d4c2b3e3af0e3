/**
 * Carla's story on the screens of both companies: no number at the parent, no ad, no suggestion; a yes in the app and a
 * link, and both appear with their reasons; taken back, and they are gone.
 */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { json, Sandbox, until } from "@troth/world/_sandbox.ts";
import type { FamilyFacts } from "@troth/world/sandbox-facts.ts";
import type { Browser, Page } from "playwright-core";
import { publishNext, runCampaign } from "../stories/_campaign.ts";
import { assertAccessible } from "./_axe.ts";
import { Profile, withBrowser } from "./_browser.ts";
import { join } from "./_person.ts";
import { picture } from "./_picture.ts";
import { eventually, step } from "./_story.ts";

const FRIENDS = "Suggest friends on Family and Photos";
const ADS = "More relevant ads on Family";

let sandbox: Sandbox;
let family: FamilyFacts;
let browser: Browser & AsyncDisposable;
let profile: Profile;
/** Troth, and Family in another tab of the same browser. */
let troth: Page;
let parent: Page;

before(async () => {
	[sandbox, browser] = await withBrowser(Sandbox.start("--people", "7"));
	assert.ok(sandbox.facts.family !== undefined);
	family = sandbox.facts.family;
	profile = await Profile.open(browser);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await sandbox?.stop();
});

const goTo = (place: string) => troth.goto(`${sandbox.facts.messenger.url}/#/${place}`);
const card = (title: string) => troth.getByRole("region", { name: title });

/** The code that was sent to this number. */
async function code(phone: string): Promise<string> {
	const { body } = await json(`${sandbox.facts.sms.url}?phone=${encodeURIComponent(phone)}`);
	return String(body["code"]);
}

step("she registers in the app; her account at Family has no number, no ad and no suggestion", async () => {
	await runCampaign(
		family,
		sandbox.facts.people.map(({ phone }) => phone),
	);
	troth = await profile.tab(`${sandbox.facts.messenger.url}/`);
	await join(troth, { code }, { phone: sandbox.person("Carla").phone, name: "Carla" });

	const login = family.logins.find(({ name }) => name === "Carla");
	parent = await profile.tab(`${family.url}/log-in`);
	await parent.getByLabel("E-mail").fill(login?.email ?? "");
	await parent.getByLabel("Password").fill(login?.password ?? "");
	await parent.getByRole("button", { name: "Log in" }).click();
	await parent.getByRole("link", { name: "Friends" }).first().click();
	await parent.getByText("Nobody right now.").waitFor();
	await assertAccessible(parent, "friends at Family");
	await parent.goto(family.url);
	assert.equal(await parent.getByText("Why am I seeing this?").count(), 0);
});

step("version 2 comes; she accepts it, and allows two purposes", async () => {
	assert.equal(await publishNext(sandbox.facts.messenger), 201);
	await troth.getByRole("heading", { name: "The terms are changing" }).waitFor();
	await troth.getByRole("button", { name: "Accept version 2" }).click();
	for (const title of [FRIENDS, ADS]) await card(title).getByRole("radio", { name: "Allow", exact: true }).click();
	await troth.getByRole("button", { name: "Save and continue" }).click();
	await troth.getByRole("heading", { name: "Your choices about sharing" }).waitFor({ state: "detached" });
});

step("from Family's page she links the two accounts, with one signed word", async () => {
	await parent.getByRole("link", { name: "Connect" }).first().click();
	await parent.getByRole("button", { name: "Connect Troth" }).click();
	await parent.getByRole("link", { name: "Open Troth on this device" }).waitFor();
	const way = await parent.getByRole("link", { name: "Open Troth on this device" }).getAttribute("href");
	await troth.goto(way ?? "");
	await troth.getByRole("heading", { name: "Link with Family?" }).waitFor();
	await troth.getByRole("button", { name: "Yes, link them" }).click();
	await troth.getByRole("link", { name: "Back to Family" }).waitFor();
});

step("the suggestion and the ad appear at Family, each with its reason", async () => {
	await eventually(async () => {
		await parent.goto(`${family.url}/friends`);
		await parent.getByText("You have each other's number").first().waitFor({ timeout: 1000 });
	});
	await parent.getByText("Alice").first().waitFor();
	await picture(parent, "family-suggestion");
	await parent.goto(family.url);
	await parent.getByText("Rye bread, still warm.").waitFor();
	await assertAccessible(parent, "the feed of Family");
	await parent.getByRole("link", { name: "Why am I seeing this?" }).click();
	await parent.getByText("Corner Shop").first().waitFor();
	await parent.getByText("your phone number").first().waitFor();
	await assertAccessible(parent, "why");
	await picture(parent, "family-why");
});

step("the app shows what was shared, every proof verified on this device", async () => {
	await goTo("settings/shares");
	await troth.getByText("Shared: they have it").first().waitFor();
	await troth.getByText(/entries, all verified on this device/).waitFor();
});

step("she takes it back in the app; at Family it is gone, and the app shows the acknowledgement", async () => {
	await goTo("settings/sharing");
	for (const title of [FRIENDS, ADS]) {
		await card(title).getByRole("switch").click();
		await card(title)
			.getByText(/^Taken back on/)
			.waitFor();
	}
	const phone = encodeURIComponent(sandbox.person("Carla").phone);
	await until("the parent to forget", async () =>
		(await json(`${family.probeUrl}?phone=${phone}`)).body["known"] === false ? true : undefined,
	);
	await parent.goto(family.url);
	assert.equal(await parent.getByText("Rye bread, still warm.").count(), 0);
	await parent.goto(`${family.url}/friends`);
	await parent.getByText("Nobody right now.").waitFor();
	await eventually(async () => {
		await goTo("settings/sharing");
		await goTo("settings/shares");
		await troth.getByText("Taken back, and deleted there").first().waitFor({ timeout: 2000 });
	});
	profile.assertUntroubled();
});
