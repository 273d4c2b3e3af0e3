import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkFloors } from "./floors.ts";
import { makePage, PAGE, README, withTable } from "./report.ts";
import { type BenchResult, RESULTS, readResult, resultFileName } from "./results.ts";
import { makeTable, toText } from "./table.ts";

const SOURCE = /bench\/results\/(\S+\.json)/;

test("the page on performance says what its raw results say", async () => {
	const page = await readFile(PAGE, "utf8");
	const source = SOURCE.exec(page)?.[1];
	assert.ok(source, "the page names its source");
	assert.ok(existsSync(join(RESULTS, source)), `${source} is in the repository`);
	const result = await readResult(join(RESULTS, source));
	assert.equal(page, makePage(result, source));
	assert.equal(source, resultFileName(result), "the file is named after date and commit");
	const readme = await readFile(README, "utf8");
	assert.equal(readme, withTable(readme, result), "the README shows the same run");
});

const RESULT: BenchResult = {
	version: 1,
	startedAt: "2026-11-21T10:00:00.000Z",
	commit: "0123456789abcdef0123456789abcdef01234567",
	modified: false,
	command: "npm run bench",
	machine: {
		cpu: "Test",
		cores: 2,
		architecture: "x64",
		kernel: "Linux 6",
		memoryGb: 8,
		node: "v24.0.0",
		pinned: true,
		loadBefore: 0.1,
	},
	settings: { seconds: 3, messagesPerUser: 100, storeSeconds: 8 },
	population: { users: 10_000, pairs: 200, mailboxes: 1000, senders: 20, members: 256 },
	contenders: [
		{
			name: "troth",
			promise: "synced",
			version: "0.1.0",
			measurements: {
				w1: { delivered_per_s: 20_000 },
				w3: { kb_per_conn: 8 },
				killDrain: { lost_acked: 1, acked: 100_000 },
			},
			failures: {},
		},
		{
			name: "alpha",
			promise: "in memory",
			version: "2.0",
			measurements: { w1: { delivered_per_s: 40_000 }, w3: { kb_per_conn: 32 } },
			failures: { w2kill: "did not start again" },
		},
		{ name: "beta", promise: "in memory", version: undefined, measurements: {}, failures: {} },
	],
};

test("a ratio above ×1 means that ours is better, whichever direction is good", () => {
	const { rows } = makeTable(RESULT);
	const cells = (start: string) => rows.find(([title]) => title?.startsWith(start))?.slice(1);
	assert.deepEqual(cells("w1: one to one"), ["20 000", "40 000 (×0.50)", "not installed"]);
	assert.deepEqual(cells("w3: memory"), ["8.0", "32.0 (×4.0)", "not installed"]);
});

test("what could not be measured says so, and what was not asked for has no row", () => {
	const text = toText(makeTable(RESULT));
	assert.match(text, /not back after kill -9 .* 1 of 100 000 +failed +not installed/);
	assert.doesNotMatch(text, /w4/);
});

test("a lost message misses its floor, and floors that were not measured are not claimed", () => {
	const [ours, ...others] = RESULT.contenders;
	assert.ok(ours !== undefined);
	const measurements = { ...ours.measurements, w1: { delivered_per_s: 30_000 } };
	const checked = checkFloors({ ...RESULT, contenders: [{ ...ours, measurements }, ...others] });
	assert.deepEqual(
		checked.map(({ title, reached }) => [title, reached]),
		[
			["w1, messages/s", true],
			["w2 with kill -9, acknowledged and lost", false],
			["w3, KB per connection", true],
		],
	);
});

test("a machine on which the peers are half as fast asks half, and two peers say nothing about a machine", () => {
	const [ours] = RESULT.contenders;
	assert.ok(ours !== undefined);
	// Half of what they reached where the floors were set, but for one that something else held back.
	const peers = [
		{ name: "aedes", figures: { delivered_per_s: 22_940 } },
		{ name: "ejabberd", figures: { delivered_per_s: 12_627 } },
		{ name: "prosody", figures: { delivered_per_s: 100 } },
	].map(({ name, figures }) => ({ ...ours, name, measurements: { w1: figures } }));
	const floorsOf = (others: typeof peers) =>
		checkFloors({ ...RESULT, contenders: [ours, ...others] }).map(({ title, here }) => [
			title,
			here && [Math.round(here.bound / 10) * 10, here.reached],
		]);
	assert.deepEqual(floorsOf(peers), [
		["w1, messages/s", [12_500, true]],
		["w2 with kill -9, acknowledged and lost", undefined],
		["w3, KB per connection", undefined],
	]);
	assert.deepEqual(floorsOf(peers.slice(1))[0], ["w1, messages/s", undefined]);
});
