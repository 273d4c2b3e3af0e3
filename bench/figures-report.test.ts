import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type FigureResult, figureFileName, quantile, reaches, readFigures } from "./figures.ts";
import { FIGURE_PAGES, makeFiguresPage, newestOf } from "./figures-report.ts";
import { RESULTS } from "./results.ts";

for (const page of FIGURE_PAGES)
	test(`"${page.heading}" says what its raw figures say`, async () => {
		const text = await readFile(page.path, "utf8");
		const named = [...text.matchAll(/bench\/results\/(\S+\.json)/g)].map(([, name = ""]) => name);
		assert.ok(named.length > 0, "the page names its sources");
		const sources = await Promise.all(
			named.map(async (source) => {
				assert.ok(existsSync(join(RESULTS, source)), `${source} is in the repository`);
				return { source, result: await readFigures(join(RESULTS, source)) };
			}),
		);
		for (const { source, result } of sources)
			assert.equal(source, figureFileName(result), "named after kind, date and commit");
		assert.deepEqual(newestOf(page, sources), sources, "one of each kind, in the page's order");
		assert.equal(text, makeFiguresPage(page, sources));
	});

test("every benchmark that keeps figures has a page", async () => {
	const kept = (await readdir(RESULTS)).flatMap((name) => /^([a-z]+)-.*\.json$/.exec(name)?.[1] ?? []);
	const shown = FIGURE_PAGES.flatMap(({ kinds }) => kinds);
	assert.deepEqual(
		kept.filter((kind) => !shown.includes(kind)),
		[],
	);
});

const RESULT: FigureResult = {
	version: 1,
	kind: "log",
	command: "npm run bench:log",
	startedAt: "2026-11-22T10:00:00.000Z",
	commit: "0123456789abcdef0123456789abcdef01234567",
	modified: false,
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
	what: "Some leaves",
	figures: [
		{ name: "leaves", value: 199_999, unit: "/s", aim: 200_000 },
		{ name: "  decision", value: 0.06, unit: "µs", aim: 1 },
		{ name: "memory", value: 250.4, unit: "MiB" },
	],
};

test("an aim is a floor for rates and a ceiling for times, and a missed one says so", () => {
	assert.deepEqual(RESULT.figures.map(reaches), [false, true, true]);
	const [sharing] = FIGURE_PAGES;
	assert.ok(sharing !== undefined);
	const source = { result: RESULT, source: figureFileName(RESULT) };
	const older = { ...source, result: { ...RESULT, startedAt: "2026-11-21T10:00:00.000Z" } };
	assert.deepEqual(newestOf(sharing, [older, source]), [source]);
	const page = makeFiguresPage(sharing, [source]);
	assert.match(page, /\| leaves \| 199,999 \/s \| ≥ 200,000 \/s \(missed\) \|/);
	assert.match(page, /\| decision \| 0\.06 µs \| ≤ 1\.00 µs \|/);
	assert.match(page, /\| memory \| 250 MiB \| {2}\|/);
	assert.match(page, /log-2026-11-22-0123456789\.json/);
});

test("a quantile is a value that was measured", () => {
	const values = [5, 1, 4, 2, 3];
	assert.deepEqual([quantile(values, 0), quantile(values, 0.5), quantile(values, 0.99)], [1, 3, 5]);
	assert.ok(Number.isNaN(quantile([], 0.5)));
});
