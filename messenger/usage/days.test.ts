/** What is kept of days and said of them: nothing finer than a class of four weeks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeSmall } from "@troth/bridge";
import { type AccountId, classOn, dueAfter, type UsedDays, useOn } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";

const usedOn = (days: readonly number[]): UsedDays =>
	days.toSorted((a, b) => a - b).reduce<UsedDays | undefined>(useOn, undefined) ?? { lastUsedDay: 0, days: 0 };

test("the class follows from the days of the last four weeks and nothing else", () => {
	const days = fc.uniqueArray(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 });
	fc.assert(
		fc.property(days, fc.integer({ min: 0, max: 40 }), (days, later) => {
			const used = usedOn(days);
			const today = Math.max(...days) + later;
			const recent = days.filter((day) => day > today - 28).length;
			const expected = recent === 0 ? "none" : recent <= 9 ? "light" : recent <= 24 ? "daily" : "heavy";
			assert.equal(classOn(used, today), expected);
			assert.equal(used.lastUsedDay, Math.max(...days));
			assert.ok(used.days < 2 ** 28);
		}),
		{ numRuns: rounds(300) },
	);
});

test("a clock that goes back changes no day that was noted", () => {
	const used = usedOn([100, 101]);
	assert.deepEqual(useOn(used, 99), used);
});

test("each account has its day of the week, within the next seven", () => {
	const ids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id).toString("hex") as AccountId);
	fc.assert(
		fc.property(ids, fc.integer({ min: 20_000, max: 30_000 }), (account, day) => {
			const due = dueAfter(account, day);
			assert.ok(due > day && due <= day + 7);
			assert.equal(dueAfter(account, due), due + 7);
		}),
		{ numRuns: rounds(200) },
	);
});

test("no cell below the floor leaves, and none is put together in a way that undoes it", () => {
	const cell = fc.record({
		os: fc.constantFrom("Linux", "Android", "other"),
		app_version: fc.constantFrom("0.1.0", "0.2.0", "other"),
		outcome: fc.constantFrom("delivered" as const, "left" as const),
		times: fc.integer({ min: 1, max: 40 }),
	});
	const cells = fc.uniqueArray(cell, { selector: ({ os, app_version, outcome }) => `${os}/${app_version}/${outcome}` });
	fc.assert(
		fc.property(cells, (cells) => {
			const merged = mergeSmall(cells, 10);
			for (const { times } of merged) assert.ok(times >= 10);
			for (const outcome of ["delivered", "left"]) {
				const sum = (of: typeof merged) =>
					of.filter((one) => one.outcome === outcome).reduce((all, { times }) => all + times, 0);
				const lost = sum(cells) - sum(merged);
				assert.ok(lost >= 0 && lost < 10);
			}
			const keys = merged.map(({ os, app_version, outcome }) => `${os}/${app_version}/${outcome}`);
			assert.equal(new Set(keys).size, keys.length);
		}),
		{ numRuns: rounds(300) },
	);
});
