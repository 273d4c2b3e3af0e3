/** How use and delivery are said of people and of nobody: values of `usage_metrics` and `infrastructure` (C1). */
import type { AccountId } from "./ids.ts";

/** The purpose of counting use. */
export const USAGE = "usage_metrics";

/** Of 28 days: none, up to 9, up to 24, more. */
export const USAGE_CLASSES = ["none", "light", "daily", "heavy"] as const;
export type UsageClass = (typeof USAGE_CLASSES)[number];

const DAY_MS = 24 * 3600 * 1000;

/** UTC days since 1970. */
export function utcDayOf(atMs: number): number {
	return Math.floor(atMs / DAY_MS);
}

/** A UTC day since 1970 as "2026-11-22". */
export function dayText(day: number): string {
	return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Undefined for everything that is not the text of a day. */
export function readDay(text: string): number | undefined {
	if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
	const day = utcDayOf(Date.parse(`${text}T00:00:00Z`));
	return Number.isSafeInteger(day) && dayText(day) === text ? day : undefined;
}

/** The Monday of its week. */
export function weekOf(day: number): number {
	// 1970-01-01 was a Thursday.
	return day - ((day + 3) % 7);
}

const SAID_EVERY_DAYS = 7;

/** The next day, after this one, on which something is said of the account: its weekday follows from its id. */
export function dueAfter(account: AccountId, day: number): number {
	const weekday = Number.parseInt(account.slice(0, 8), 16) % SAID_EVERY_DAYS;
	const next = day + 1;
	return next + ((weekday - (next % SAID_EVERY_DAYS) + SAID_EVERY_DAYS) % SAID_EVERY_DAYS);
}

/** How often something was `delivered` on a day, or was still there when the device went (`left`). */
export interface DeliveryCell {
	readonly os: string;
	readonly app_version: string;
	readonly outcome: "delivered" | "left";
	readonly times: number;
}

/** The value of the field `counts`, as JSON. */
export interface DeliveryCounts {
	/** "2026-11-22" */
	readonly day: string;
	readonly cells: readonly DeliveryCell[];
}

/**
 * Use in a week, of all those together of whom a region's rule lets nothing else be said: the value of `usage_class`, as
 * JSON, where a share of `usage_metrics` is about nobody. Its generation is the week's last day.
 */
export interface UsageSums {
	/** Its Monday, "2026-11-16". */
	readonly week: string;
	/** Rounded down to multiples of the floor; what is below it is not there. */
	readonly people: { readonly [usageClass in UsageClass]?: number };
}

/** From the Monday of a week to its last day. */
export const LAST_DAY_OF_WEEK = 6;

const KEPT_DAYS = 28;
const MASK = 2 ** KEPT_DAYS - 1;
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

function agedBy(days: number, later: number): number {
	return later >= KEPT_DAYS ? 0 : (days * 2 ** later) & MASK;
}

function bitsOf(days: number): number {
	let count = 0;
	for (let rest = days; rest > 0; rest >>>= 1) count += rest & 1;
	return count;
}
