/** What the sample shop says of its customers in its views, and what it takes from whom. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { type Customers, openCustomers } from "./customers.ts";
import { type SampleHost, startSampleHost } from "./sample-host.ts";
import { signCall } from "./sign-call.ts";

const DAY_MS = 24 * 3600 * 1000;
const EVENTS_SECRET = "between the two";
const CARLA = "101";

const clock = new ManualClock(Date.UTC(2026, 10, 22, 12));
let directory: string;
let shop: SampleHost;
let customers: Customers;

before(async () => {
	directory = await mkdtemp(join(tmpdir(), "troth-shop-"));
	const path = join(directory, "shop.sqlite");
	shop = await startSampleHost({
		...{ clock, path, tokenSecret: "t".repeat(32), eventsSecret: EVENTS_SECRET },
		people: [{ name: "Carla", phone: "+15550100003" }],
		// Away: what it is not told now it finds in the views.
		...{ bridge: "http://127.0.0.1:1", audience: "http://127.0.0.1:1" },
	});
	customers = await openCustomers(path);
});

after(async () => {
	await customers?.destroy();
	await shop?.[Symbol.asyncDispose]();
	await rm(directory, { recursive: true });
});

const send = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
	fetch(shop.url + path, { method: "POST", body: new URLSearchParams(form), headers, redirect: "manual" });

async function logIn(): Promise<Record<string, string>> {
	const cookie = (await send("/log-in", { customer: CARLA })).headers.getSetCookie()[0]?.split(";")[0] ?? "";
	await fetch(shop.url, { headers: { cookie } });
	return { cookie };
}

const said = (view: "troth_use" | "troth_acted_upon") =>
	customers
		.selectFrom(view as "customer")
		.selectAll()
		.execute();

test("how often somebody is here is a class, of 28 days and no more", async () => {
	const classes: unknown[] = [];
	for (let day = 0; day < 25; day++) {
		await logIn();
		await logIn();
		const [use] = (await said("troth_use")) as unknown as readonly { readonly often: string; readonly day: string }[];
		assert.equal(use?.day, new Date(clock.now()).toISOString().slice(0, 10));
		classes.push(use?.often);
		clock.advance(DAY_MS);
	}
	assert.deepEqual([classes.indexOf("light"), classes.indexOf("daily"), classes.indexOf("heavy")], [0, 9, 24]);
	clock.advance(27 * DAY_MS);
	const isForgotten = async () => (await said("troth_use")).length === 0;
	for (let look = 0; look < 200 && !(await isForgotten()); look++) await new Promise((done) => setTimeout(done, 10));
	assert.ok(await isForgotten(), "without anybody's visit");
});

test("staff act upon an account, and a customer's objection is taken from the bridge alone", async () => {
	const act = (form: Record<string, string>, headers = {}) => send("/staff", { customer: CARLA, ...form }, headers);
	assert.equal((await act({ act: "mark", label: "too loud", grade: "high" })).status, 400);
	assert.equal((await act({ act: "mark", label: "scam", grade: "high", customer: "7" })).status, 404);
	for (const from of ["cross-site", "same-site"])
		assert.equal((await act({ act: "mark", label: "scam", grade: "high" }, { "sec-fetch-site": from })).status, 403);
	assert.deepEqual(await said("troth_acted_upon"), []);
	assert.equal((await act({ act: "mark", label: "scam", grade: "high" })).status, 303);
	assert.deepEqual(await said("troth_acted_upon"), [
		{ id: Number(CARLA), mobile: "+15550100003", label: "scam", grade: "high" },
	]);

	const objects = async (secret: string, atMs: number, purpose = "spam_and_abuse") => {
		const body = JSON.stringify({ type: "objected", id: CARLA, purpose, atMs: clock.now() });
		const headers = { "content-type": "application/json", "troth-signature": signCall(secret, atMs, body) };
		return (await fetch(`${shop.url}/objections`, { method: "POST", headers, body })).status;
	};
	const waits = async () => (await (await fetch(`${shop.url}/staff`)).text()).includes("Objections that wait: 1.");
	assert.equal(await objects("somebody's", clock.now()), 401);
	assert.equal(await objects(EVENTS_SECRET, clock.now() - 6 * 60_000), 401);
	assert.equal(await objects(EVENTS_SECRET, clock.now(), "usage_metrics"), 400);
	assert.equal(await waits(), false);
	assert.equal(await objects(EVENTS_SECRET, clock.now()), 204);
	assert.equal(await objects(EVENTS_SECRET, clock.now()), 204, "which may come again");
	assert.equal(await waits(), true);
	assert.equal((await act({ act: "keep" })).status, 303);
	assert.equal(await waits(), false);
	assert.equal((await said("troth_acted_upon")).length, 1, "it stands");
});

test("who leaves is in no view any more", async () => {
	const headers = await logIn();
	assert.equal((await said("troth_use")).length, 1);
	assert.equal((await send("/leave", {}, headers)).status, 303);
	assert.deepEqual([await said("troth_use"), await said("troth_acted_upon")], [[], []]);
	const left = await customers.selectFrom("mark").selectAll().execute();
	assert.deepEqual([left, await customers.selectFrom("visit").selectAll().execute()], [[], []]);
});
