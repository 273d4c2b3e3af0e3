/** The public pages over HTTP: for everybody, for machines, and nothing where nothing is. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { LABELS, type Label, ServerService, signedBytes } from "@troth/protocol";
import { verifyEd25519 } from "@troth/protocol/ed25519.ts";
import { startTestMessenger, type TestMessenger } from "../_fixture.ts";
import { fileOf, OPERATOR, publish } from "../sharing/_person.ts";

const settings = { operatorToken: OPERATOR };
const get = (messenger: TestMessenger, path: string, headers: Record<string, string> = {}) =>
	fetch(`${messenger.url}${path}`, { headers: { accept: "text/html", ...headers }, redirect: "manual" });

test("every page of every published version is there for who has no account, and no other", async () => {
	await using messenger = await startTestMessenger({ settings });
	assert.equal((await get(messenger, "/terms/2")).status, 404, "not before it is published");
	await publish(messenger, await fileOf("opt-in"));
	for (const path of [
		"/terms",
		"/promises",
		...[1, 2].flatMap((n) => ["", "/text", "/changes", "/faq"].map((p) => `/terms/${n}${p}`)),
	]) {
		const response = await get(messenger, path);
		assert.deepEqual(
			[path, response.status, response.headers.get("content-type")],
			[path, 200, "text/html; charset=utf-8"],
		);
		assert.equal(
			response.headers.get("content-security-policy"),
			"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		);
		assert.equal(response.headers.get("set-cookie"), null);
		const body = await response.text();
		assert.doesNotMatch(body, /<script|<style| style="|(src|href)="(https?:)?\/\//, path);
	}
	for (const path of [
		"3",
		"0",
		"02",
		"1.5",
		"x",
		"",
		"2/other",
		"2/text/more",
		"2/__proto__",
		"2/text.json",
		"3.json",
		"1e0",
	]) {
		const response = await get(messenger, `/terms/${path}`);
		assert.deepEqual([path, response.status], [path, 404]);
		assert.match(await response.text(), /Not published here/);
	}
});

test("a page that did not change is not sent again; the stylesheet never changes under its name", async () => {
	await using messenger = await startTestMessenger({ settings });
	const first = await get(messenger, "/terms");
	assert.equal(first.headers.get("cache-control"), "public, no-cache");
	const tag = first.headers.get("etag") ?? "";
	const again = await get(messenger, "/terms", { "if-none-match": `"other", W/${tag}` });
	assert.deepEqual([again.status, await again.text()], [304, ""]);
	const style = /<link rel="stylesheet" href="([^"]+)">/.exec(await first.text())?.[1] ?? "";
	const sheet = await get(messenger, style);
	assert.deepEqual(
		[sheet.status, sheet.headers.get("content-type"), sheet.headers.get("cache-control")],
		[200, "text/css; charset=utf-8", "public, max-age=31536000, immutable"],
	);
	await publish(messenger, await fileOf("opt-in"));
	assert.equal((await get(messenger, "/terms", { "if-none-match": tag })).status, 200);
	const missing = await get(messenger, "/terms/9");
	assert.equal((await get(messenger, "/terms/9", { "if-none-match": missing.headers.get("etag") ?? "" })).status, 404);
});

test("a machine gets the signed bytes, and can check them with the key the server names", async () => {
	await using messenger = await startTestMessenger({ settings });
	await publish(messenger, await fileOf("opt-in"));
	const { policyKey } = await messenger.client(ServerService).getServerInfo({});
	const check = async (path: string, label: Label) => {
		const response = await get(messenger, path);
		assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
		const { canonical, signature, key, ...rest } = (await response.json()) as { [member: string]: string };
		assert.deepEqual(Buffer.from(key ?? "", "base64"), Buffer.from(policyKey));
		assert.equal(rest["label"], label);
		const bytes = new TextEncoder().encode(canonical);
		const good = Buffer.from(signature ?? "", "base64");
		assert.equal(verifyEd25519(policyKey, signedBytes(label, bytes), good), true);
		assert.equal(verifyEd25519(policyKey, signedBytes(label, bytes.with(9, 0)), good), false);
		return { bytes, canonical: JSON.parse(canonical ?? ""), rest };
	};
	const version = await check("/terms/2.json", LABELS.policy);
	assert.deepEqual(version.canonical, await fileOf("opt-in"));
	assert.deepEqual(
		[version.rest["version"], version.rest["publishedAt"], version.rest["hash"]],
		[2, messenger.clock.now(), createHash("sha256").update(version.bytes).digest("hex")],
	);
	const promises = await check("/promises.json", LABELS.promises);
	assert.equal(promises.canonical.promises.length, 12);
});
