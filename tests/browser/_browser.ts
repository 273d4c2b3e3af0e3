/** Browsers for tests: each person has a profile of their own, and whatever goes wrong in a page fails the test. */
import assert from "node:assert/strict";
import {
	type Browser,
	type BrowserContext,
	type BrowserContextOptions,
	chromium,
	type Frame,
	type Page,
} from "playwright-core";
import { findChromium } from "./_chromium.ts";

const FLAGS = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	"--use-fake-device-for-media-stream",
	"--use-fake-ui-for-media-stream",
	"--autoplay-policy=no-user-gesture-required",
];

/** The machine may be busy with other tests. */
const PATIENCE_MS = 30_000;

export const SCREENS = {
	desktop: { width: 1280, height: 800 },
	tablet: { width: 820, height: 1100 },
	phone: { width: 360, height: 740 },
} as const;

/** A running browser; disposing it ends the process. @param flags beside the usual ones */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser & AsyncDisposable> {
	const { path, env } = await findChromium();
	return chromium.launch({
		executablePath: path,
		headless: true,
		args: [...FLAGS, ...flags],
		env: { ...(process.env as Record<string, string>), ...env },
	});
}

/**
 * A browser beside a server that is starting. Where one of them fails the other is ended, so that nothing is left that
 * would keep the test's process waiting, and the failure, a web app that can not be built say, is told at once.
 */
export async function withBrowser<Server extends AsyncDisposable>(
	starting: Promise<Server>,
	flags: readonly string[] = [],
): Promise<[Server, Browser & AsyncDisposable]> {
	const [server, browser] = await Promise.allSettled([starting, launchBrowser(flags)]);
	if (server.status === "fulfilled" && browser.status === "fulfilled") return [server.value, browser.value];
	for (const started of [server, browser])
		if (started.status === "fulfilled") await started.value[Symbol.asyncDispose]();
	throw server.status === "rejected" ? server.reason : (browser as PromiseRejectedResult).reason;
}

/** Waits until everything that moves has come to rest; what moves for ever is not waited for. */
export async function settle(page: Page | Frame): Promise<void> {
	await page.evaluate(`Promise.all(
		document.getAnimations()
			.filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity)
			.map(({ finished }) => finished.catch(() => {})),
	)`);
}

/** One person's browser profile: what is stored in it is seen by no other. */
export class Profile implements AsyncDisposable {
	readonly context: BrowserContext;
	/** Errors of all its pages so far: exceptions, console errors, refused content. */
	readonly troubles: string[] = [];
	/** Addresses that were asked, other than the server's own. */
	readonly foreign: string[] = [];

	private constructor(context: BrowserContext) {
		this.context = context;
	}

	static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<Profile> {
		// Nothing that moves is tested here, and each click would wait for it to come to rest.
		const calm = { locale: "en-GB", viewport: SCREENS.desktop, reducedMotion: "reduce" } as const;
		const context = await browser.newContext({ ...calm, ...options });
		context.setDefaultTimeout(PATIENCE_MS);
		const profile = new Profile(context);
		context.on("page", (page) => profile.#listen(page));
		return profile;
	}

	/** A new tab at this address. */
	async tab(url: string): Promise<Page> {
		const page = await this.context.newPage();
		await page.goto(url);
		return page;
	}

	/** Fails where a page had trouble that the test did not expect. */
	assertUntroubled(...expected: readonly RegExp[]): void {
		const unexpected = this.troubles.filter((trouble) => !expected.some((pattern) => pattern.test(trouble)));
		assert.deepEqual(unexpected, []);
		assert.deepEqual(this.foreign, []);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.context.close();
	}

	#listen(page: Page): void {
		page.on("pageerror", (error) => this.troubles.push(`exception: ${error.message}`));
		page.on("console", (message) => {
			if (message.type() === "error" || message.type() === "warning")
				this.troubles.push(`${message.type()}: ${message.text()}`);
		});
		page.on("request", (request) => {
			const { hostname, protocol } = new URL(request.url());
			if (/^(https?|wss?):$/.test(protocol) && hostname !== "127.0.0.1" && hostname !== "localhost")
				this.foreign.push(request.url());
		});
	}
}
