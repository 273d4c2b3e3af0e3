/** Use by week and service, and delivery by app version, as they can be told. */
import { USAGE_CLASSES, type UsageClass, utcDayOf, weekOf } from "@troth/protocol";
import type { FamilyContext } from "../context.ts";

const WEEKS_SHOWN = 12;
const DAYS_SHOWN = 28;

export type ClassCounts = Readonly<Record<UsageClass, number>>;

export interface WeekOfService {
	/** The day of its Monday, UTC days since 1970. */
	readonly week: number;
	readonly people: ClassCounts;
}

export interface Trends {
	/** Newest first. */
	readonly messenger: readonly WeekOfService[];
	/** Of people of whom the messenger may say nothing but together with others; they are in no other count. */
	readonly together: readonly WeekOfService[];
	readonly own: readonly WeekOfService[];
}

export interface VersionDelivery {
	readonly os: string;
	readonly appVersion: string;
	readonly delivered: number;
	/** Still under way when the device went; it gets them when it comes back. */
	readonly left: number;
}

/** The exact counts: for the operator. */
export async function trendsOf({ records, clock }: Pick<FamilyContext, "records" | "clock">): Promise<Trends> {
	const since = weekOf(utcDayOf(clock.now())) - 7 * (WEEKS_SHOWN - 1);
	const messenger = await records
		.selectFrom("said_usage")
		.select(["week", "usage_class"])
		.select(({ fn }) => fn.count<number>("subject").distinct().as("people"))
		.where("week", ">=", since)
		.groupBy(["week", "usage_class"])
		.execute();
	const together = await records
		.selectFrom("said_sums")
		.select(["week", "usage_class"])
		.select(({ fn }) => fn.sum<number>("people").as("people"))
		.where("week", ">=", since)
		.groupBy(["week", "usage_class"])
		.execute();
	const own = await records
		.selectFrom("own_usage_week")
		.select(["week", "usage_class", "people"])
		.where("week", ">=", since)
		.execute();
	return { messenger: byWeek(messenger), together: byWeek(together), own: byWeek(own) };
}

function byWeek(
	rows: readonly { readonly week: number; readonly usage_class: UsageClass; readonly people: number }[],
): readonly WeekOfService[] {
	const weeks = new Map<number, Record<UsageClass, number>>();
	for (const { week, usage_class, people } of rows) {
		const counts = weeks.get(week) ?? { none: 0, light: 0, daily: 0, heavy: 0 };
		counts[usage_class] = Number(people);
		weeks.set(week, counts);
	}
	return [...weeks].sort(([a], [b]) => b - a).map(([week, people]) => ({ week, people }));
}

/** Of the last four weeks, the most used first. */
export async function deliveryOf({
	records,
	clock,
}: Pick<FamilyContext, "records" | "clock">): Promise<readonly VersionDelivery[]> {
	const rows = await records
		.selectFrom("delivery_said")
		.select(["os", "app_version", "outcome"])
		.select(({ fn }) => fn.sum<number>("times").as("times"))
		.where("day", ">=", utcDayOf(clock.now()) - DAYS_SHOWN)
		.groupBy(["os", "app_version", "outcome"])
		.execute();
	const kinds = new Map<string, VersionDelivery>();
	for (const { os, app_version: appVersion, outcome, times } of rows) {
		const key = `${os} ${appVersion}`;
		const before = kinds.get(key) ?? { os, appVersion, delivered: 0, left: 0 };
		kinds.set(key, { ...before, [outcome]: Number(times) });
	}
	return [...kinds.values()].sort((a, b) => b.delivered + b.left - (a.delivered + a.left));
}

/**
 * Counts for everybody: a group under the floor is `undefined`, all others are rounded down to a multiple of the floor,
 * so that one person more or less changes nothing that can be seen in most weeks. Pure.
 */
export function coarsen(people: ClassCounts, floor: number): Readonly<Record<UsageClass, number | undefined>> {
	const coarse = USAGE_CLASSES.map((usageClass) => {
		const count = people[usageClass];
		return [usageClass, count < floor ? undefined : count - (count % floor)] as const;
	});
	return Object.fromEntries(coarse) as Record<UsageClass, number | undefined>;
}
