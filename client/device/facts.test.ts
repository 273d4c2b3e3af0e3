import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { APP_VERSION, factsOfUserAgent } from "./facts.ts";

test("a browser says what kind of device it is on, and no more is read from it", () => {
	const android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0";
	for (const [userAgent, deviceType, os] of [
		[`${android} Mobile Safari/537.36`, "phone", "Android"],
		[`${android} Safari/537.36`, "tablet", "Android"],
		["Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15", "phone", "iOS"],
		["Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15", "tablet", "iOS"],
		["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36", "computer", "macOS"],
		["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", "computer", "Windows"],
		["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "computer", "Linux"],
		["curl/8", "computer", "other"],
	])
		assert.deepEqual(factsOfUserAgent(userAgent ?? ""), { deviceType, os, appVersion: APP_VERSION });
});

test("the version is that of the package", async () => {
	const manifest: unknown = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
	assert.equal((manifest as { version: string }).version, APP_VERSION);
});
