/** How an account that is suspended and away ends: not a millisecond too early, and never unwarned. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import type { Phase } from "../decision/decide.ts";
import { DAY_MS, START } from "./_life.ts";
import { ABSENCE_DAYS, type Absence, reduceAbsence } from "./absence.ts";

/** Alice was here last at `START`; what is done when somebody looks, `state` being what was kept of the looks before. */
function look(
	atMs: number,
	state?: Absence,
	{ phase = "SUSPENDED" as Phase, seenMs = START, days = ABSENCE_DAYS } = {},
) {
	return reduceAbsence(state, { type: "looked", phase, seenMs, atMs }, days);
}

const sent = (state: Absence | undefined, atMs: number) =>
	reduceAbsence(state, { type: "warned", atMs }, ABSENCE_DAYS).state;

test("suspended and away she is warned 30 and 7 days before, and ends after 120 days exactly", () => {
	const [first, second, end] = [90, 113, 120].map((days) => START + days * DAY_MS) as [number, number, number];
	assert.equal(end - START, 10_368_000_000);
	assert.deepEqual(look(first - 1), { state: undefined, effect: undefined });
	const { state, effect } = look(first);
	assert.deepEqual(effect, { type: "warn", warning: 1, endsAtMs: end });
	assert.deepEqual(look(first, state).effect, effect, "it did not go out: it is due until it does");
	const warned = sent(state, first);
	assert.equal(look(second - 1, warned).effect, undefined);
	assert.deepEqual(look(second, warned).effect, { type: "warn", warning: 2, endsAtMs: end });
	const again = sent(warned, second);
	assert.equal(look(end - 1, again).effect, undefined);
	assert.deepEqual(look(end, again).effect, { type: "end" });
	assert.deepEqual(look(end + 1, again).effect, { type: "end" });
});

test("who comes back, accepts, or is kept for ever is not warned, and what was sent before counts no more", () => {
	const late = START + 200 * DAY_MS;
	const warned = sent(sent(look(START + 90 * DAY_MS).state, START + 90 * DAY_MS), START + 113 * DAY_MS);
	for (const phase of ["ACTIVE", "PENDING", "CLOSED"] as const)
		assert.deepEqual(look(late, warned, { phase }), { state: undefined, effect: undefined });
	assert.deepEqual(look(late, warned, { days: 0 }), { state: undefined, effect: undefined });
	const back = START + 120 * DAY_MS - 1;
	assert.deepEqual(look(late, warned, { seenMs: back }), { state: undefined, effect: undefined });
	const anew = look(back + 90 * DAY_MS, warned, { seenMs: back });
	assert.deepEqual([anew.state?.warnedAtMs, anew.effect?.type], [[], "warn"]);
	assert.deepEqual(look(late, warned, { days: 365 }).effect, undefined, "the operator keeps them for longer now");
});

test("a server that stood still for a year warns first, and gives all of the 30 and 7 days", () => {
	const late = START + 365 * DAY_MS;
	const { state, effect } = look(late);
	assert.deepEqual(effect, { type: "warn", warning: 1, endsAtMs: late + 30 * DAY_MS });
	const warned = sent(state, late);
	assert.equal(look(late + 23 * DAY_MS - 1, warned).effect, undefined);
	const again = sent(warned, late + 100 * DAY_MS);
	assert.equal(look(late + 107 * DAY_MS - 1, again).effect, undefined);
	assert.deepEqual(look(late + 107 * DAY_MS, again).effect, { type: "end" });
});

/** What happens while somebody is suspended: looks by a clock that may jump, and days on which they are here. */
const absences = fc.array(
	fc.record({
		passing: fc.constantFrom(
			0,
			1,
			DAY_MS,
			7 * DAY_MS - 1,
			7 * DAY_MS,
			23 * DAY_MS,
			30 * DAY_MS,
			90 * DAY_MS,
			-DAY_MS,
			-100 * DAY_MS,
		),
		what: fc.constantFrom("look", "look", "look", "look", "look", "lost", "here", "accepted"),
	}),
	{ minLength: 3, maxLength: 40 },
);

test("nobody ends before 120 days away and two warnings with all of their days, and coming once puts it off", () => {
	const seen = { warned: 0, ended: 0, putOff: 0 };
	fc.assert(
		fc.property(absences, (moves) => {
			let [nowMs, seenMs] = [START, START];
			let state: Absence | undefined;
			// What this test remembers by itself: when warnings went out since they were here last.
			let sent: number[] = [];
			for (const { passing, what } of moves) {
				nowMs += passing;
				if (what === "here" && nowMs !== seenMs) {
					if (sent.length > 0) seen.putOff++;
					[seenMs, sent] = [nowMs, []];
					continue;
				}
				const phase = what === "accepted" ? "ACTIVE" : "SUSPENDED";
				const look = (atMs: number) => reduceAbsence(state, { type: "looked", phase, seenMs, atMs }, ABSENCE_DAYS);
				const { state: next, effect } = look(nowMs);
				// What is not due now was not due earlier, and what is due stays due, whatever the clock does between.
				for (const later of [1, DAY_MS, 400 * DAY_MS]) {
					const then = look(nowMs + later).effect;
					if (effect !== undefined)
						assert.deepEqual(
							[then?.type, then && "warning" in then && then.warning],
							[effect.type, "warning" in effect && effect.warning],
						);
					if (effect === undefined) assert.equal(look(nowMs - later).effect, undefined);
				}
				state = next;
				if (phase === "ACTIVE") {
					assert.deepEqual([state, effect], [undefined, undefined]);
					sent = [];
				}
				if (effect === undefined) continue;
				assert.ok(nowMs - seenMs >= (ABSENCE_DAYS - 30) * DAY_MS);
				if (effect.type === "warn") {
					assert.equal(effect.warning, sent.length + 1);
					assert.ok(
						effect.endsAtMs >= Math.max(seenMs + ABSENCE_DAYS * DAY_MS, nowMs + (sent.length === 0 ? 30 : 7) * DAY_MS),
					);
					// It reached nobody's log: it does not count.
					if (what === "lost") continue;
					seen.warned++;
					sent.push(nowMs);
					state = reduceAbsence(state, { type: "warned", atMs: nowMs }, ABSENCE_DAYS).state;
					continue;
				}
				seen.ended++;
				const [first = Number.NaN, second = Number.NaN] = sent;
				assert.equal(sent.length, 2);
				assert.ok(nowMs >= seenMs + ABSENCE_DAYS * DAY_MS);
				assert.ok(nowMs >= first + 30 * DAY_MS && nowMs >= second + 7 * DAY_MS && second >= first + 23 * DAY_MS);
				return;
			}
		}),
		{ numRuns: rounds(5000, 100_000) },
	);
	for (const [name, count] of Object.entries(seen)) assert.ok(count >= 20, `${name}: ${count}`);
});
