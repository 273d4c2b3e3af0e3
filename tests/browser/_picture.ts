/** Pictures of the real app for the documentation; taken only with TROTH_SCREENSHOTS=1. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { settle } from "./_browser.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "docs", "screenshots");
export const PICTURES_WANTED = process.env["TROTH_SCREENSHOTS"] === "1";

/** Takes one where they are wanted. */
export async function picture(page: Page, name: string): Promise<void> {
	if (!PICTURES_WANTED) return;
	await mkdir(FOLDER, { recursive: true });
	await page.mouse.move(0, 0);
	// The short sentence at the bottom goes by itself, and is not part of the page.
	await page.locator(".fixed.z-50").waitFor({ state: "detached" });
	await settle(page);
	await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
