/** The documents for everybody, in a browser: without a script, readable, in both appearances, on both screens. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { shippedPolicyPath } from "@troth/bridge";
import { startTestMessenger } from "../../messenger/_fixture.ts";
import { OPERATOR, publish } from "../../messenger/sharing/_person.ts";
import { assertAccessible } from "./_axe.ts";
import { launchBrowser, SCREENS } from "./_browser.ts";
import { picture } from "./_picture.ts";

const PAGES = ["/terms", "/terms/1", "/terms/2", "/terms/2/text", "/terms/2/changes", "/terms/2/faq", "/promises"];

for (const model of ["opt-in", "opt-out"] as const)
	test(`the public pages can be read by everybody (${model})`, async () => {
		await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
		await publish(messenger, JSON.parse(await readFile(shippedPolicyPath(model), "utf8")));
		await using browser = await launchBrowser();
		const page = await browser.newPage({ viewport: SCREENS.desktop });
		const asked: string[] = [];
		page.on("request", (request) => asked.push(new URL(request.url()).origin));
		for (const path of model === "opt-in" ? PAGES : ["/terms/2", "/terms/2/faq"]) {
			await page.goto(`${messenger.url}${path}`);
			assert.equal(await page.locator("script").count(), 0);
			const name = `public ${path.slice(1).replaceAll("/", " ")} ${model}`;
			for (const [screen, size] of Object.entries(SCREENS))
				for (const colorScheme of ["light", "dark"] as const) {
					await page.setViewportSize(size);
					await page.emulateMedia({ colorScheme });
					await assertAccessible(page, `${name}, ${colorScheme} on a ${screen}`);
					const wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
					assert.equal(wide, false, `${name} is wider than a ${screen}`);
					if ((screen === "desktop") === (colorScheme === "light")) await picture(page, `${name} ${screen}`);
				}
		}
		assert.deepEqual([...new Set(asked)], [messenger.url]);
	});
