/**
 * A suspended account whose devices all stay away ends (GDPR Art. 5(1)(e): what nobody uses is not kept for ever), and
 * never without two warnings that went to its devices. Pure, as the reducer beside it.
 *
 * Instants are UTC milliseconds, a day is 24 hours. A warning counts from when it was sent, so that a server that stood
 * still takes no time away. How long somebody was away is read off the clock as it is: were the latest time remembered, as
 * it is for deadlines, a clock that once ran ahead would have who is here this very moment away for months.
 */
import type { Phase } from "../decision/decide.ts";

const DAY_MS = 24 * 3600 * 1000;

/** After so many days without any of its devices; the shipped terms name them, and no server keeps for less. */
export const ABSENCE_DAYS = 120;
/** So many days before the end the account is warned, once and again. */
export const ABSENCE_WARNING_DAYS = [30, 7] as const;

export interface Absence {
	/** When a device of the account was here last. Another time than this is another absence. */
	readonly sinceMs: number;
	/** When warnings of this absence were sent, the first one first. */
	readonly warnedAtMs: readonly number[];
}

export type AbsenceEvent =
	| {
			readonly type: "looked";
			readonly phase: Phase;
			/** When a device was here last; now, where one is. */
			readonly seenMs: number;
			readonly atMs: number;
	  }
	/** The warning that was due lies in the log of a device. */
	| { readonly type: "warned"; readonly atMs: number };

export type AbsenceEffect =
	/** `warning`: 1 or 2. `endsAtMs`: when the account ends if it goes out now and nobody comes. */
	{ readonly type: "warn"; readonly warning: number; readonly endsAtMs: number } | { readonly type: "end" };

export interface AbsenceStep {
	/** Undefined where nobody is missed. */
	readonly state: Absence | undefined;
	readonly effect: AbsenceEffect | undefined;
}

/** @param days 0: accounts are kept for ever */
export function reduceAbsence(before: Absence | undefined, event: AbsenceEvent, days: number): AbsenceStep {
	if (event.type === "warned") {
		const state = before && { ...before, warnedAtMs: [...before.warnedAtMs, event.atMs] };
		return { state, effect: undefined };
	}
	const { phase, seenMs, atMs } = event;
	if (days === 0 || phase !== "SUSPENDED") return { state: undefined, effect: undefined };
	// Whoever was here since then is not missed: warnings of before are forgotten.
	const known = before?.sinceMs === seenMs ? before : { sinceMs: seenMs, warnedAtMs: [] };
	const endsAtMs = endOf(known, days);
	const leadMs = leadOf(known.warnedAtMs.length);
	if (atMs < endsAtMs - leadMs) return { state: known.warnedAtMs.length === 0 ? undefined : known, effect: undefined };
	if (leadMs === 0) return { state: known, effect: { type: "end" } };
	const warning = known.warnedAtMs.length + 1;
	return { state: known, effect: { type: "warn", warning, endsAtMs: Math.max(endsAtMs, atMs + leadMs) } };
}

/** When it ends at the earliest, by the warnings that were sent. */
function endOf({ sinceMs, warnedAtMs }: Absence, days: number): number {
	return Math.max(sinceMs + days * DAY_MS, ...warnedAtMs.map((atMs, n) => atMs + leadOf(n)));
}

/** How long before the end the warning of this number goes out; 0 where there is none. */
function leadOf(n: number): number {
	return (ABSENCE_WARNING_DAYS[n] ?? 0) * DAY_MS;
}
