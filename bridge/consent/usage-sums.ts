/**
 * Use of those of whom a region's rule lets nothing be said: counted together, and shared about nobody once a week is over
 * (ADR 0021). Weeks are named by their Monday, in UTC days since 1970.
 */
import {
	type Clock,
	dayText,
	LAST_DAY_OF_WEEK,
	USAGE,
	type UsageClass,
	type UsageSums,
	utcDayOf,
	weekOf,
} from "@troth/protocol";
import { partOf } from "@troth/storage";
import type { Kysely, Transaction } from "kysely";
import { INSTALLATION } from "./installation.ts";
import type { Policies } from "./standing.ts";
import type { ConsentTables } from "./tables.ts";
import { tell } from "./tell.ts";

export interface UsageSumsTables {
	usage_aggregate: UsageAggregateTable;
	usage_week: UsageWeekTable;
}

/** People of whom a region's rule lets nothing be said but together with others. */
export interface UsageAggregateTable {
	week: number;
	usage_class: UsageClass;
	people: number;
}

/** A week that is over, as it is shared: without small groups. */
export interface UsageWeekTable {
	week: number;
	/** JSON (`protocol/usage.ts`). */
	sums: string;
}

type SumsTables = ConsentTables & UsageSumsTables;

/** Makes the tables; a store of the messenger's has them from its own migrations. */
export async function createUsageSums({ schema }: Kysely<unknown>): Promise<void> {
	await schema
		.createTable("usage_aggregate")
		.addColumn("week", "integer", (column) => column.notNull())
		.addColumn("usage_class", "text", (column) => column.notNull())
		.addColumn("people", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("usage_aggregate_pk", ["week", "usage_class"])
		.execute();
	await schema
		.createTable("usage_week")
		.addColumn("week", "integer", (column) => column.primaryKey())
		.addColumn("sums", "text", (column) => column.notNull())
		.execute();
}

/** One more person of this class in the week of this day. */
export async function countUse(
	records: Transaction<UsageSumsTables>,
	day: number,
	usageClass: UsageClass,
): Promise<void> {
	await records
		.insertInto("usage_aggregate")
		.values({ week: weekOf(day), usage_class: usageClass, people: 1 })
		.onConflict((conflict) =>
			conflict.columns(["week", "usage_class"]).doUpdateSet((eb) => ({ people: eb("usage_aggregate.people", "+", 1) })),
		)
		.execute();
}

/** As the privacy policy says of those who get them. */
const KEPT_DAYS = 365;

export interface WeeksGround {
	readonly records: Kysely<SumsTables>;
	readonly terms: Policies;
	readonly clock: Clock;
	/** Those that this installation has. */
	readonly recipients: readonly string[];
}

/**
 * Shares, of each week that is over, how many were counted together.
 *
 * @param floor smaller groups are left out, and all others are rounded down to a multiple of it, so that nobody can be
 * seen to come or go
 */
export async function closeWeeks({ records, terms, clock, recipients }: WeeksGround, floor: number): Promise<void> {
	const nowMs = clock.now();
	const today = utcDayOf(nowMs);
	const named = terms.current.purposes.get(USAGE)?.recipients ?? [];
	const told = named.filter((id) => recipients.includes(id));
	await records.transaction().execute(async (transaction) => {
		const rows = await transaction
			.selectFrom("usage_aggregate")
			.selectAll()
			.where("week", "<", weekOf(today))
			.where("week", "not in", (eb) => eb.selectFrom("usage_week").select("week"))
			.orderBy("week")
			.execute();
		for (const [week, counts] of Map.groupBy(rows, (row) => row.week)) {
			const large = counts.flatMap(({ usage_class, people }) => {
				const rounded = people - (people % floor);
				return rounded === 0 ? [] : [[usage_class, rounded] as const];
			});
			const sums: UsageSums = { week: dayText(week), people: Object.fromEntries(large) };
			await transaction
				.insertInto("usage_week")
				.values({ week, sums: JSON.stringify(sums) })
				.execute();
			if (large.length === 0) continue;
			const word = { account: INSTALLATION, purpose: USAGE, recipients: told } as const;
			await tell(partOf(transaction), { ...word, generation: week + LAST_DAY_OF_WEEK, nowMs });
		}
		for (const table of ["usage_aggregate", "usage_week"] as const)
			await transaction
				.deleteFrom(table)
				.where("week", "<", today - KEPT_DAYS)
				.execute();
	});
}
