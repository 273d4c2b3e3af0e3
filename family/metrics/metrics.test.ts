/** What the messenger says of use and delivery: taken in with proof and without a yes, counted, and taken back. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { dayText, type PolicyFile, utcDayOf, weekOf } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { newTrother, POLICY, type TestWord } from "../_bridge.ts";
import { startTestFamily, type TestFamily } from "../_fixture.ts";
import { coarsen } from "./trends.ts";

const DAY_MS = 24 * 3600 * 1000;
const interest = { basis: "legitimate_interest", retentionDays: 30, initial: "off", objection: true } as const;
const words = { title: "A title", body: "A body" };
const WITH_METRICS: PolicyFile = {
	...POLICY,
	purposes: [
		...POLICY.purposes,
		{ ...interest, id: "usage_metrics", fields: ["last_used_day", "usage_class"], recipients: ["family"] },
		{ ...interest, id: "infrastructure", fields: ["counts"], recipients: ["family"] },
	],
	locales: {
		en: {
			summary: ["Short."],
			documents: [],
			purposes: { ...POLICY.locales["en"]?.purposes, usage_metrics: words, infrastructure: words },
		},
	},
};

let family: TestFamily;

before(async () => {
	family = await startTestFamily({ stores: "sqlite" });
});
after(() => family[Symbol.asyncDispose]());

const today = () => utcDayOf(family.clock.now());
const name = () => randomBytes(16).toString("hex");

async function say(word: Partial<TestWord>): Promise<readonly string[]> {
	const { bridge } = family;
	const generation = today();
	const values = { last_used_day: dayText(generation), usage_class: "daily" };
	const item = await bridge.say(newTrother(), {
		...{ purpose: "usage_metrics", subject: name(), generation, policy: WITH_METRICS },
		...(word.kind !== "recall" && { values }),
		...word,
	});
	return bridge.deliver([item], [bridge.policy(word.policy ?? WITH_METRICS)]);
}

interface Metrics {
	readonly usage: {
		readonly troth: readonly { readonly week: string; readonly daily: number; readonly light: number }[];
		readonly trothSums: readonly object[];
	};
	readonly delivery: readonly { readonly os: string; readonly delivered: number; readonly left: number }[];
}
/** The jobs run when the clock moved; each question is an answer of the running company. */
async function until(wanted: () => Promise<boolean>): Promise<void> {
	for (let tries = 0; tries < 200; tries++) if (await wanted()) return;
	assert.fail("it did not come about");
}

/** Is it in any file of the company? */
async function holds(text: string): Promise<boolean> {
	await family.call("/healthz");
	for (const entry of await readdir(family.directory ?? "", { recursive: true, withFileTypes: true }))
		if (entry.isFile() && (await contentOf(join(entry.parentPath, entry.name))).includes(text)) return true;
	return false;
}
/** A draft of the log of receipts may be gone by now. */
const contentOf = (path: string) => readFile(path).catch(() => Buffer.alloc(0));
const metrics = () => family.call<Metrics>("/operator/metrics", undefined, "operator-token");
const thisWeek = async () => (await metrics()).usage.troth[0];
const pageText = async () => {
	const text = await (await fetch(`${family.url}/how-often`)).text();
	return text.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
};

test("what is said is counted by week and class; said again it is counted once, recalled it is gone", async () => {
	const bob = name();
	assert.deepEqual(await say({ subject: bob }), ["kept"]);
	assert.deepEqual(await say({ subject: bob }), ["kept"], "the bridge did not hear the answer");
	assert.deepEqual(await say({ values: { last_used_day: dayText(today() - 3), usage_class: "light" } }), ["kept"]);
	assert.deepEqual([(await thisWeek())?.daily, (await thisWeek())?.light], [1, 1]);
	assert.deepEqual(await say({ kind: "recall", subject: bob }), ["recalled"]);
	assert.equal((await thisWeek())?.daily, 0);
	assert.deepEqual(await say({ subject: bob }), ["stale"], "it was recalled, and comes late");
	assert.equal((await thisWeek())?.daily, 0);
});

test("a yes that nobody asked for, other fields, other values, another basis: refused", async () => {
	const grant = { statement: new Uint8Array([1]), signature: new Uint8Array(64) };
	assert.deepEqual(await say({ grant }), ["refused: GRANT"]);
	assert.deepEqual(await say({ values: { last_used_day: dayText(today()), usage_class: "often" } }), [
		"refused: VALUE",
	]);
	assert.deepEqual(await say({ values: { last_used_day: "2026-02-30", usage_class: "light" } }), ["refused: VALUE"]);
	assert.deepEqual(await say({ values: { last_used_day: dayText(today() + 1), usage_class: "light" } }), [
		"refused: VALUE",
	]);
	const number = { last_used_day: dayText(today()), usage_class: "light", phone_number: "+15550100003" };
	assert.deepEqual(await say({ values: number }), ["refused: FIELDS"]);
	const change = (id: string, change: object): PolicyFile => ({
		...WITH_METRICS,
		purposes: WITH_METRICS.purposes.map((row) => (row.id === id ? { ...row, ...change } : row)),
	});
	const fields = ["last_used_day", "phone_number", "usage_class"] as const;
	const wide = change("usage_metrics", { fields });
	assert.deepEqual(await say({ policy: wide, values: number }), ["refused: FIELDS"], "no policy widens the catalogue");
	const asked = change("usage_metrics", { basis: "consent" });
	assert.deepEqual(await say({ policy: asked }), ["refused: PURPOSE"]);
	const unasked = change("friend_suggestions", { basis: "legitimate_interest" });
	const values = { phone_number: "+15550100003" };
	assert.deepEqual(await say({ purpose: "friend_suggestions", policy: unasked, values }), ["refused: PURPOSE"]);
});

test("counts of delivery are taken by day, once, and only what can be counts", async () => {
	const day = today() - 1;
	const cell = { os: "Linux", app_version: "0.1.0", outcome: "delivered", times: 40 };
	const counts = (change: object = {}) => JSON.stringify({ day: dayText(day), cells: [cell], ...change });
	const tell = (text: string) => say({ purpose: "infrastructure", generation: day, values: { counts: text } });
	for (const wrong of [
		"",
		"{}",
		counts({ day: dayText(day - 1) }),
		counts({ cells: [] }),
		counts({ cells: [cell, cell] }),
		counts({ cells: [{ ...cell, os: "<b>" }] }),
		counts({ cells: [{ ...cell, times: -1 }] }),
		counts({ account: "alice" }),
	])
		assert.deepEqual(await tell(wrong), ["refused: VALUE"], wrong);
	assert.deepEqual(await tell(counts()), ["kept"]);
	assert.deepEqual(await tell(counts()), ["kept"]);
	assert.deepEqual((await metrics()).delivery, [{ os: "Linux", appVersion: "0.1.0", delivered: 40, left: 0 }]);
	assert.match(await pageText(), /Linux 0\.1\.0 40 0 100\.0 %/);
});

test("the public page hides small groups and rounds the others; the operator's needs the token", async () => {
	for (let n = 0; n < 12; n++) await say({ values: { last_used_day: dayText(today()), usage_class: "heavy" } });
	const text = await pageText();
	assert.match(text, new RegExp(`${dayText(today() - ((today() + 3) % 7))} under 10 under 10 under 10 10 `));
	await assert.rejects(family.call("/operator/metrics"), { status: 401 });
});

test("what the policy lets nobody keep any longer is gone, from the files too", async () => {
	const carla = name();
	await say({ subject: carla });
	assert.equal(await holds(carla), true);
	family.clock.advance(31 * DAY_MS);
	await until(async () => !(await holds(carla)));
	assert.equal(await thisWeek(), undefined);
});

test("a person is told what is known of their being here, and that the rest can not be told apart", async () => {
	const dora = await family.signUp("Dora");
	const known = async () => (await dora.call<{ usage: object }>("/api/about-me")).usage;
	assert.deepEqual(await known(), { here: null, lastDay: null });
	family.clock.advance(11_000);
	await until(async () => !("here" in (await known()) && ((await known()) as { here: unknown }).here === null));
	assert.deepEqual(await known(), { here: "light", lastDay: dayText(today()) });
	assert.match(await dora.page("/about-me"), /under names that change each quarter/);
});

test("one person more or less is seen in a coarse count only where a step is crossed", () => {
	const people = fc.record({ none: fc.nat(200), light: fc.nat(200), daily: fc.nat(200), heavy: fc.nat(200) });
	fc.assert(
		fc.property(people, fc.integer({ min: 1, max: 20 }), (people, floor) => {
			const coarse = coarsen(people, floor);
			for (const usageClass of ["none", "light", "daily", "heavy"] as const) {
				const [exact, told] = [people[usageClass], coarse[usageClass]];
				if (exact < floor) assert.equal(told, undefined);
				else assert.ok(told !== undefined && told % floor === 0 && told <= exact && exact - told < floor);
			}
		}),
		{ numRuns: rounds(200) },
	);
});

test("sums come without a name, are shown beside the others with what they are for, and go with a recall", async () => {
	const monday = weekOf(today()) - 7;
	const told = (usageClass: string, generation = monday + 6) =>
		say({ subject: installation, generation, values: { usage_class: usageClass } });
	const installation = name();
	const sums = (people: object, week = dayText(monday)) => JSON.stringify({ week, people });
	for (const wrong of [
		"light",
		"{",
		sums({}),
		sums({ light: 0 }),
		sums({ light: 1.5 }),
		sums({ often: 20 }),
		sums({ light: 20 }, dayText(monday + 1)),
		sums({ light: 20 }, dayText(monday - 7)),
	])
		assert.deepEqual(await told(wrong), ["refused: VALUE"], wrong);
	assert.deepEqual(await told(sums({ light: 20, heavy: 30 })), ["kept"]);
	assert.deepEqual(await told(sums({ light: 20, heavy: 30 })), ["kept"], "the bridge did not hear the answer");
	const together = async () => (await metrics()).usage.trothSums;
	assert.deepEqual(await together(), [{ week: dayText(monday), none: 0, light: 20, daily: 0, heavy: 30 }]);
	assert.match(await pageText(), /where only sums are told, by week Where a region's rule allows no more/);
	assert.deepEqual(await say({ kind: "recall", subject: installation, generation: monday + 6 }), ["recalled"]);
	assert.deepEqual(await together(), []);
	assert.doesNotMatch(await pageText(), /where only sums are told/);
});
