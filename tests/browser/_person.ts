/** What a person does in the app, through what everybody can see and hear: roles, names, labels. */
import type { Locator, Page } from "playwright-core";

/** Who knows the codes that went out. */
export interface Codes {
	/** The last code that was sent to this number. */
	code(phone: string): string | Promise<string>;
}

export interface Newcomer {
	readonly phone: string;
	readonly name: string;
}

/** Registers on an open page, up to the terms. */
export async function register(page: Page, server: Codes, { phone, name }: Newcomer): Promise<void> {
	await page.getByLabel("Phone number").pressSequentially(phone);
	await page.getByRole("button", { name: "Send me a code" }).click();
	await page.getByLabel("Code with 6 digits").waitFor();
	await page.getByLabel("Code with 6 digits").fill(await server.code(phone));
	await page.getByLabel("Your name").fill(name);
	await page.getByRole("button", { name: "Create my account" }).click();
	await page.getByRole("button", { name: "Accept and continue" }).waitFor();
}

export async function acceptTerms(page: Page): Promise<void> {
	await page.getByRole("button", { name: "Accept and continue" }).click();
	await page.getByRole("navigation", { name: "Conversations" }).waitFor();
}

/** Registers and accepts. */
export async function join(page: Page, server: Codes, newcomer: Newcomer): Promise<void> {
	await register(page, server, newcomer);
	await acceptTerms(page);
}

/** Finds someone by number and opens the chat. */
export async function startChat(page: Page, phone: string): Promise<void> {
	await page.getByRole("button", { name: "New chat" }).click();
	await page.getByLabel("Their phone number").fill(phone);
	await page.getByRole("button", { name: "Find" }).click();
	await composer(page).waitFor();
}

export function composer(page: Page): Locator {
	return page.getByRole("textbox", { name: /^Message to/ });
}

/** Writes and sends a message in the open chat, and waits until it stands there. */
export async function say(page: Page, text: string): Promise<void> {
	await composer(page).fill(text);
	await composer(page).press("Enter");
	await message(page, text).waitFor();
}

/** The message that begins with this text, in the open chat; a quote of it in another one does not count. */
export function message(page: Page, text: string): Locator {
	return page.getByRole("article", { name: new RegExp(`^[^:]*: ${text.replaceAll(/[^\w\s]/g, ".")}`) });
}

/** Waits until an own message has come so far. */
export async function hasCome(page: Page, text: string, state: "Sent" | "Delivered" | "Read"): Promise<void> {
	await message(page, text).getByText(state, { exact: true }).waitFor();
}

/** The link of a chat in the list, found by how it begins: its title. */
export function chat(page: Page, title: string): Locator {
	return page
		.getByRole("navigation", { name: "Conversations" })
		.getByRole("link", { name: new RegExp(`^${title}\\b`) });
}

/** The texts of the open chat's messages, as far as they are in the page. */
export async function textsOf(page: Page): Promise<readonly string[]> {
	const labels = (await page.evaluate(
		"[...document.querySelectorAll('article')].map((article) => article.getAttribute('aria-label'))",
	)) as readonly string[];
	return labels.map((label) => label.replace(/^[^:]*: /, ""));
}
