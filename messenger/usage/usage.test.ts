/** What is noted of people, when it is said, and what ends it: real records and the policy that ships. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
	INSTALLATION,
	type LifecycleEvent,
	openStanding,
	type Policy,
	parsePolicy,
	readPolicyFile,
	recordEvent,
	shippedPolicyPath,
} from "@troth/bridge";
import { type AccountId, toHex, utcDayOf } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { openRecords } from "@troth/storage";
import { migrateRecords } from "../records/migrate.ts";
import type { Records } from "../records/schema.ts";
import { closeDays } from "./close-day.ts";
import { closeWeeks } from "./close-week.ts";
import { DeliveryCounts } from "./delivery-counts.ts";
import { sayUsage } from "./say-usage.ts";
import { endIfObjected, UsageDays } from "./usage-days.ts";

const DAY_MS = 24 * 3600 * 1000;
const V1 = await readPolicyFile(shippedPolicyPath("v1"));
const V2 = await readPolicyFile(shippedPolicyPath("opt-in"));

async function startUsage(current: Policy = V2) {
	const undo = new AsyncDisposableStack();
	const clock = new ManualClock();
	const records = undo.adopt(await openRecords<Records>({ kind: "memory" }), (db) => db.destroy());
	await migrateRecords(records);
	const policies = [V1, current];
	const terms = { current, version: (version: number) => policies.find((policy) => policy.version === version) };
	const sharing = { recipients: [{ id: "family", url: "" }], door: { url: "", token: "" }, logs: [], witnesses: [] };
	const context = { records, clock, terms, sharing } as never;
	const days = new UsageDays(context);
	const counts = new DeliveryCounts({ records, clock });
	const happen = async (account: AccountId, event: object) => {
		const dated = { atMs: clock.now(), ...event } as Exclude<
			LifecycleEvent,
			{ type: "published" | "narrowed" | "deleted" }
		>;
		const { refused } = await records
			.transaction()
			.execute((transaction) => recordEvent(transaction, account, terms, dated));
		assert.equal(refused, undefined);
		days.standingChanged(account);
		await endIfObjected({ records }, account);
	};
	return {
		clock,
		records,
		days,
		counts,
		happen,
		/** A person with the version in force, unless they did not accept it; `region` is their number's. */
		async join({ accepts = true, region }: { readonly accepts?: boolean; readonly region?: string } = {}) {
			const account = toHex(randomBytes(16)) as AccountId;
			await records.transaction().execute((transaction) => openStanding(transaction, account, clock.now(), region));
			if (accepts) await happen(account, { type: "accepted", version: current.version });
			return account;
		},
		/** They are here on each of so many days; the jobs run as they do. */
		async live(account: AccountId, dayCount: number) {
			for (let day = 0; day < dayCount; day++) {
				days.present(account);
				days.present(account);
				await days.flush();
				clock.sleep(DAY_MS);
				await sayUsage(context);
			}
		},
		sayUsage: () => sayUsage(context),
		closeDays: (floor: number) => closeDays(context, floor),
		closeWeeks: (floor: number) => closeWeeks(context, floor),
		outbox: () => records.selectFrom("share_outbox").selectAll().orderBy("id").execute(),
		noted: () => records.selectFrom("usage_days").selectAll().execute(),
		said: () => records.selectFrom("usage_said").selectAll().execute(),
		[Symbol.asyncDispose]: () => undo.disposeAsync(),
	};
}

test("alice is here every day: once a week it is said how often, under rising generations", async () => {
	await using world = await startUsage();
	const alice = await world.join();
	await world.live(alice, 28);
	const rows = await world.outbox();
	assert.equal(rows.length, 4);
	assert.ok(
		rows.every(({ purpose, recipient, kind }) => `${kind} ${purpose} ${recipient}` === "share usage_metrics family"),
	);
	const generations = rows.map(({ generation }) => generation);
	assert.deepEqual(
		generations,
		generations.toSorted((a, b) => a - b),
	);
	assert.deepEqual(new Set(generations.slice(1).map((one, at) => one - (generations[at] ?? 0))), new Set([7]));
	const [said] = await world.said();
	assert.ok(said?.usage_class === "daily" || said?.usage_class === "heavy");
	assert.ok(((await world.noted())[0]?.days ?? 0) < 2 ** 28, "no more than 28 days");
});

test("who stays away is said to be away once, and begins anew when they come back", async () => {
	await using world = await startUsage();
	const bob = await world.join();
	await world.live(bob, 2);
	for (let week = 0; week < 10; week++) {
		world.clock.sleep(7 * DAY_MS);
		await world.sayUsage();
	}
	assert.equal((await world.said())[0]?.usage_class, "none");
	const before = (await world.outbox()).length;
	assert.ok(before <= 6);
	assert.deepEqual(await world.noted(), []);
	await world.live(bob, 7);
	assert.equal((await world.outbox()).length, before + 1);
	assert.equal((await world.said())[0]?.usage_class, "light");
});

test("who did not accept, or is suspended, is not even noted; who objects is forgotten at once", async () => {
	await using world = await startUsage();
	const carla = await world.join({ accepts: false });
	await world.live(carla, 7);
	assert.deepEqual([await world.noted(), await world.outbox()], [[], []]);
	const alice = await world.join();
	await world.live(alice, 7);
	const row = V2.purposes.get("usage_metrics");
	const about = { purpose: "usage_metrics", purposeHash: row?.hash, generation: 0 };
	const decided = { type: "decided", shownOn: false };
	await world.happen(alice, { ...decided, eventId: "01".repeat(16), decisions: [{ ...about, granted: false }] });
	assert.deepEqual([await world.noted(), await world.said()], [[], []]);
	const recalls = (await world.outbox()).filter(({ kind }) => kind === "recall");
	assert.deepEqual(recalls.map(({ recipient }) => recipient).sort(), ["family", "photos"]);
	const before = (await world.outbox()).length;
	await world.live(alice, 7);
	assert.deepEqual([await world.noted(), (await world.outbox()).length], [[], before]);
	// And she may change her mind: from then on it is noted again, and nothing of before is there.
	await world.happen(alice, { ...decided, eventId: "02".repeat(16), decisions: [{ ...about, granted: true }] });
	await world.live(alice, 7);
	assert.equal((await world.outbox()).length, before + 1);
});

test("where a region allows no more than sums, nobody is said anything of, and all are counted", async () => {
	await using world = await startUsage();
	const emil = await world.join({ region: "DE" });
	await world.live(emil, 7);
	assert.deepEqual(await world.outbox(), []);
	assert.deepEqual(await world.said(), []);
	const sums = await world.records.selectFrom("usage_aggregate").select(["usage_class", "people"]).execute();
	assert.deepEqual(sums, [{ usage_class: "light", people: 1 }]);
});

test("each day that is over is shared once, and a system that nobody else has is not in it", async () => {
	await using world = await startUsage();
	const { counts, clock } = world;
	const linux = counts.kindOf("Linux", "0.1.0");
	assert.equal(counts.kindOf("Linux", "0.1.0"), linux, "one object for all that run on the same");
	assert.deepEqual(counts.kindOf("My very own system, alice@example", "0.1.0 (+15550100001)"), {
		os: "other",
		appVersion: "other",
	});
	counts.count(linux, "delivered", 12);
	counts.count(counts.kindOf("Android", "9.9.9"), "delivered", 3);
	await counts.flush();
	counts.count(linux, "delivered", 1);
	await counts.flush();
	await world.closeDays(10);
	assert.deepEqual(await world.outbox(), [], "the day is not over");
	const day = utcDayOf(clock.now());
	clock.sleep(DAY_MS);
	await world.closeDays(10);
	await world.closeDays(10);
	const rows = await world.outbox();
	assert.deepEqual(
		rows.map(({ account_id, purpose, recipient, generation }) => [account_id, purpose, recipient, generation]),
		[[INSTALLATION, "infrastructure", "family", day]],
	);
	const [closed] = await world.records.selectFrom("share_infrastructure").selectAll().execute();
	assert.deepEqual(JSON.parse(closed?.counts ?? "").cells, [
		{ os: "Linux", app_version: "0.1.0", outcome: "delivered", times: 13 },
	]);
});

test("the policy says aggregates for regions by the file, and a file can say it everywhere", async () => {
	const everywhere = parsePolicy(
		JSON.stringify({
			...V2.file,
			rules: [{ regions: ["*"], minorBelow: 18, optOut: false, usageMetrics: "aggregates" }],
		}),
	);
	await using world = await startUsage(everywhere);
	await world.live(await world.join(), 7);
	assert.deepEqual(await world.outbox(), []);
});

test("where only sums may be told, a week is shared once it is over: rounded down, without small groups, once", async () => {
	await using world = await startUsage();
	const people = [];
	for (let n = 0; n < 8; n++) people.push(await world.join({ region: "DE" }));
	// Seven are here on one day, the eighth on ten: one group of a size, and one person.
	for (let day = 0; day < 21; day++) {
		for (const [n, person] of people.entries()) if (n === 7 ? day < 10 : day === 0) world.days.present(person);
		await world.days.flush();
		await world.closeWeeks(5);
		world.clock.sleep(DAY_MS);
		await world.sayUsage();
	}
	await world.closeWeeks(5);
	await world.closeWeeks(5);
	assert.deepEqual(await world.said(), [], "nothing of anybody");
	const rows = await world.outbox();
	assert.ok(rows.length > 0);
	for (const { account_id, kind, purpose, recipient } of rows)
		assert.deepEqual([account_id, kind, purpose, recipient], [INSTALLATION, "share", "usage_metrics", "family"]);
	assert.equal(new Set(rows.map(({ generation }) => generation)).size, rows.length);
	const shown = await world.records.selectFrom("share_usage_metrics").selectAll().execute();
	assert.ok(shown.every(({ account_id, last_used_day }) => account_id === INSTALLATION && last_used_day === null));
	const sums = shown.flatMap(({ usage_class }) => Object.entries(JSON.parse(usage_class).people as object));
	assert.deepEqual(new Set(sums.map(([usageClass, count]) => `${usageClass} ${count}`)), new Set(["light 5"]));
});
