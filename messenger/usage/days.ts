/** On which of 28 days somebody was here, and what is said of it. Pure; days are UTC days since 1970. */
import type { AccountId, UsageClass } from "@troth/protocol";

const KEPT_DAYS = 28;
const MASK = 2 ** KEPT_DAYS - 1;
const SAID_EVERY_DAYS = 7;
/** Up to so many days of 28 are `light`, and up to so many `daily`. */
const LIGHT_DAYS = 9;
const DAILY_DAYS = 24;

export interface UsedDays {
	readonly lastUsedDay: number;
	/** Bit n: used n days before `lastUsedDay`. */
	readonly days: number;
}

/** The same with one more day; a day from before the last one is that one. */
export function useOn(before: UsedDays | undefined, day: number): UsedDays {
	if (before === undefined) return { lastUsedDay: day, days: 1 };
	const later = Math.max(0, day - before.lastUsedDay);
	return { lastUsedDay: before.lastUsedDay + later, days: agedBy(before.days, later) | 1 };
}

/** How often in the 28 days that end with this one. */
export function classOn({ lastUsedDay, days }: UsedDays, day: number): UsageClass {
	const used = bitsOf(agedBy(days, Math.max(0, day - lastUsedDay)));
	if (used === 0) return "none";
	if (used <= LIGHT_DAYS) return "light";
	return used <= DAILY_DAYS ? "daily" : "heavy";
}

/** The next day, after this one, on which something is said of the account: its weekday follows from its id. */
export function dueAfter(account: AccountId, day: number): number {
	const weekday = Number.parseInt(account.slice(0, 8), 16) % SAID_EVERY_DAYS;
	const next = day + 1;
	return next + ((weekday - (next % SAID_EVERY_DAYS) + SAID_EVERY_DAYS) % SAID_EVERY_DAYS);
}

function agedBy(days: number, later: number): number {
	return later >= KEPT_DAYS ? 0 : (days * 2 ** later) & MASK;
}

function bitsOf(days: number): number {
	let count = 0;
	for (let rest = days; rest > 0; rest >>>= 1) count += rest & 1;
	return count;
}
