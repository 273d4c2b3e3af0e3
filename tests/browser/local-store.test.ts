/** The conformance cases of local stores over the browser's IndexedDB, plain and sealed, in a real browser. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { LOCAL_STORE_CASES } from "../../client/store/conformance.ts";
import { launchBrowser, Profile } from "./_browser.ts";

const STORES = ["indexeddb", "sealed indexeddb"];

let folder: string;
let server: Server;
let browser: Browser & AsyncDisposable;
let page: Page;

before(async () => {
	folder = await mkdtemp(join(tmpdir(), "troth-local-store-"));
	await build({
		configFile: false,
		logLevel: "warn",
		build: {
			outDir: folder,
			emptyOutDir: true,
			target: "es2024",
			lib: { entry: join(import.meta.dirname, "_local-store-page.dom.ts"), formats: ["es"], fileName: () => "page.js" },
		},
	});
	const script = await readFile(join(folder, "page.js"));
	server = createServer((request, response) => {
		const asked = request.url === "/page.js";
		response.setHeader("content-type", asked ? "text/javascript" : "text/html");
		response.end(asked ? script : '<!doctype html><script type="module" src="/page.js"></script>');
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	browser = await launchBrowser();
	const { port } = server.address() as AddressInfo;
	page = await (await Profile.open(browser)).tab(`http://127.0.0.1:${port}/`);
	await page.waitForFunction("globalThis.localStorePage !== undefined");
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	server?.close();
	await rm(folder, { recursive: true, force: true });
});

test("the page has every case and both stores", async () => {
	assert.deepEqual(
		await page.evaluate("localStorePage.cases"),
		LOCAL_STORE_CASES.map(({ name }) => name),
	);
	assert.deepEqual(await page.evaluate("localStorePage.stores"), STORES);
});

for (const store of STORES) {
	for (const { name } of LOCAL_STORE_CASES) {
		test(`${store}: ${name}`, async () => {
			const run = `localStorePage.run(${JSON.stringify(store)}, ${JSON.stringify(name)})`;
			assert.equal(await page.evaluate(run), undefined);
		});
	}
}
