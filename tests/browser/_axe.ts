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

let source: string | undefined;

/** Fails with every violation on this screen. */
export async function assertAccessible(page: Page | Frame, screen: string): Promise<void> {
	source ??= await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
	// What moves is measured where it comes to rest.
	await settle(page);
	await page.evaluate(source);
	// An open question makes everything else inert: then it is the page.
	const scope = "document.querySelector('[role=dialog], [role=alertdialog]') ?? document";
	const run = `axe.run(${scope}, { resultTypes: ["violations"] })`;
	const { violations, passes } = (await page.evaluate(run)) as AxeResults;
	const found = violations.flatMap(({ id, help, nodes }) =>
		nodes.map((node) => `${screen}: ${id} (${help}): ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`),
	);
	assert.deepEqual(found, []);
	assert.ok(passes.length > 5, `${screen}: axe checked hardly anything`);
}
