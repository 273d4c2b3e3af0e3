/** The operator's pages in a browser: forms that work without a script, readable in both appearances, on both screens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestMessenger } from "../../messenger/_fixture.ts";
import { newDecider, OPERATOR, OPT_IN } from "../../messenger/sharing/_person.ts";
import { assertAccessible } from "./_axe.ts";
import { launchBrowser, Profile, SCREENS } from "./_browser.ts";
import { picture } from "./_picture.ts";

test("the operator logs in, publishes a version from a file, and looks at one account", async () => {
	await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
	await newDecider(messenger, "+15550100001");
	await using browser = await launchBrowser();
	await using profile = await Profile.open(browser, { javaScriptEnabled: true });
	const page = await profile.tab(`${messenger.url}/operator`);
	const look = async (name: string) => {
		for (const [screen, size] of Object.entries(SCREENS)) {
			if (screen === "tablet") continue;
			const colorScheme = screen === "desktop" ? "light" : "dark";
			await page.setViewportSize(size);
			await page.emulateMedia({ colorScheme });
			await assertAccessible(page, `${name}, ${colorScheme} on a ${screen}`);
			const wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
			assert.equal(wide, false, `${name} is wider than a ${screen}`);
			await picture(page, `operator ${name} ${screen}`);
		}
		await page.setViewportSize(SCREENS.desktop);
	};
	await look("login");
	await page.getByLabel("The operator's token").fill("wrong");
	await page.getByRole("button", { name: "Log in" }).click();
	await page.getByText("This is not the operator's token.").waitFor();
	await page.getByLabel("The operator's token").fill(OPERATOR);
	await page.getByRole("button", { name: "Log in" }).click();
	await page.getByRole("heading", { name: "Overview" }).waitFor();
	await look("overview");

	await page.getByRole("link", { name: "Terms", exact: true }).click();
	await page.getByLabel("or its text").fill("{}");
	await page.getByRole("button", { name: "Look at it" }).click();
	await page.getByRole("heading", { name: "This file can not be published" }).waitFor();
	await look("findings");
	await page.getByRole("link", { name: "Back without publishing" }).click();
	await page.getByLabel("A policy file").setInputFiles(OPT_IN);
	await page.getByRole("button", { name: "Look at it" }).click();
	await page.getByRole("heading", { name: "Publish version 2?" }).waitFor();
	await look("preview");
	await page.getByRole("button", { name: "Publish version 2" }).click();
	await page.getByRole("heading", { name: "Version 2 In force" }).waitFor();
	await look("terms");

	for (const name of ["Sharing", "Businesses", "Audit", "People"]) {
		await page.getByRole("link", { name, exact: true }).first().click();
		await page.getByRole("heading", { name, exact: true }).waitFor();
		await look(name.toLowerCase());
	}
	await page.getByLabel("Its number with the country code, or its id").fill("+1 555 010 0001");
	await page.getByLabel("Why do you look?").fill("she asked us by e-mail");
	await page.getByRole("button", { name: "Write it down and look" }).click();
	await page.getByRole("heading", { name: "One account" }).waitFor();
	await look("account");
	await page.getByRole("link", { name: "audit", exact: true }).first().click();
	await page.getByText("she asked us by e-mail").waitFor();
	await page.getByRole("button", { name: "Log out" }).click();
	await page.getByRole("heading", { name: "Operator" }).waitFor();
	profile.assertUntroubled(/401/, /422/);
});
