/** Shares the counts of each day that is over, once. */
import { forgetDays, INFRASTRUCTURE, shareDay } from "@troth/bridge";
import { type DeliveryCell, utcDayOf } from "@troth/protocol";
import { partOf } from "@troth/storage";
import type { MessengerContext } from "../context.ts";

export const CLOSE_DAY_EVERY_MS = 60_000;

/** @param floor cells with fewer are merged into "other" */
export async function closeDays(
	{ records, terms, clock, sharing }: Pick<MessengerContext, "records" | "terms" | "clock" | "sharing">,
	floor: number,
): Promise<void> {
	const nowMs = clock.now();
	const today = utcDayOf(nowMs);
	const named = terms.current.purposes.get(INFRASTRUCTURE)?.recipients ?? [];
	const recipients = named.filter((id) => sharing?.recipients.some((one) => one.id === id));
	await records.transaction().execute(async (transaction) => {
		const rows = await transaction
			.selectFrom("delivery_count")
			.selectAll()
			.where("day", "<", today)
			.orderBy("day")
			.execute();
		for (const [day, counted] of Map.groupBy(rows, (row) => row.day)) {
			const cells = counted.map(({ day: _day, ...cell }) => cell as DeliveryCell);
			await shareDay(partOf(transaction), { day, cells, recipients, nowMs }, floor);
		}
		await transaction.deleteFrom("delivery_count").where("day", "<", today).execute();
		await forgetDays(partOf(transaction), today);
	});
}
