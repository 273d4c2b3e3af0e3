/** Shares, of each week that is over, how many were counted together: where a rule lets nothing be said of one person. */
import { INSTALLATION } from "@troth/bridge";
import { dayText, LAST_DAY_OF_WEEK, type UsageSums, utcDayOf, weekOf } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

const USAGE = "usage_metrics";
/** As the privacy policy says of those who get them. */
const KEPT_DAYS = 365;

/**
 * @param floor smaller groups are left out, and all others are rounded down to a multiple of it, so that nobody can be
 * seen to come or go
 */
export async function closeWeeks(
	{ records, terms, clock, sharing }: Pick<MessengerContext, "records" | "terms" | "clock" | "sharing">,
	floor: number,
): Promise<void> {
	const nowMs = clock.now();
	const today = utcDayOf(nowMs);
	const named = terms.current.purposes.get(USAGE)?.recipients ?? [];
	const recipients = named.filter((id) => sharing?.recipients.some((one) => one.id === id));
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
			for (const recipient of recipients)
				await transaction
					.insertInto("share_outbox")
					.values({
						...{ account_id: INSTALLATION, kind: "share", purpose: USAGE, recipient },
						...{ generation: week + LAST_DAY_OF_WEEK, created_at_ms: nowMs },
					})
					.execute();
		}
		for (const table of ["usage_aggregate", "usage_week"] as const)
			await transaction
				.deleteFrom(table)
				.where("week", "<", today - KEPT_DAYS)
				.execute();
	});
}
