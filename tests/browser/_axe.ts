/** What axe-core finds on a page as it is now: WCAG 2.2 A and AA, and its best practices. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Frame, Page } from "playwright-core";
import { settle } from "./_browser.ts";

interface AxeResults {
	readonly violations: readonly {
		readonly id: string;
		readonly help: string;
		readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
	}[];
	readonly passes: readonly { readonly id: string }[];
}

/** The rules that decide by colours: all that is different in the other appearance. */
const COLOURS = ["color-contrast", "link-in-text-block"] as const;

let source: string | undefined;

/** Fails with every violation on this screen in both appearances; the page is left light. */
export async function assertAccessibleInBoth(page: Page, screen: string): Promise<void> {
	await page.emulateMedia({ colorScheme: "dark" });
	await assertAccessible(page, `${screen}, dark`);
	await page.emulateMedia({ colorScheme: "light" });
	await assertAccessible(page, `${screen}, light`, COLOURS);
}

/** Fails with every violation on this screen, of all rules unless some are named. */
export async function assertAccessible(page: Page | Frame, screen: string, rules?: typeof COLOURS): Promise<void> {
	source ??= await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
	// What moves is measured where it comes to rest.
	await settle(page);
	if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(source);
	// An open question makes everything else inert: then it is the page.
	const scope = "document.querySelector('[role=dialog], [role=alertdialog]') ?? document";
	const options = JSON.stringify({ resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
	const run = `axe.run(${scope}, ${options})`;
	const { violations, passes } = (await page.evaluate(run)) as AxeResults;
	const found = violations.flatMap(({ id, help, nodes }) =>
		nodes.map((node) => `${screen}: ${id} (${help}): ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`),
	);
	assert.deepEqual(found, []);
	assert.ok(passes.length > (rules === undefined ? 5 : 0), `${screen}: axe checked hardly anything`);
}
