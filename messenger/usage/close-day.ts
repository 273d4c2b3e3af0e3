/** Shares the counts of each day that is over, once: small cells are put together first, so that none is somebody. */
import { INSTALLATION } from "@troth/bridge";
import { type DeliveryCell, type DeliveryCounts, dayText, utcDayOf } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

export const CLOSE_DAY_EVERY_MS = 60_000;
/** Closed days are kept so long: as the privacy policy says of those who get them. */
const KEPT_DAYS = 365;
const INFRASTRUCTURE = "infrastructure";

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
		for (const day of new Set(rows.map((row) => row.day))) {
			const cells = mergeSmall(
				rows.filter((row) => row.day === day).map(({ day: _day, ...cell }) => cell as DeliveryCell),
				floor,
			);
			const counts: DeliveryCounts = { day: dayText(day), cells };
			await transaction
				.insertInto("delivery_day")
				.values({ day, counts: JSON.stringify(counts) })
				.onConflict((conflict) => conflict.doNothing())
				.execute();
			if (cells.length === 0) continue;
			for (const recipient of recipients)
				await transaction
					.insertInto("share_outbox")
					.values({
						...{ account_id: INSTALLATION, kind: "share", purpose: INFRASTRUCTURE, recipient },
						...{ generation: day, created_at_ms: nowMs },
					})
					.execute();
		}
		await transaction.deleteFrom("delivery_count").where("day", "<", today).execute();
		await transaction
			.deleteFrom("delivery_day")
			.where("day", "<", today - KEPT_DAYS)
			.execute();
	});
}

/**
 * Cells below the floor become "other", by outcome; where what is put together is still below it, it is left out. Pure.
 */
export function mergeSmall(cells: readonly DeliveryCell[], floor: number): readonly DeliveryCell[] {
	const large = cells.filter(({ times }) => times >= floor);
	const merged = (["delivered", "left"] as const).flatMap((outcome) => {
		const small = cells.filter((cell) => cell.outcome === outcome && cell.times < floor);
		const times = small.reduce((sum, cell) => sum + cell.times, 0);
		return times < floor || times === 0 ? [] : [{ os: "other", app_version: "other", outcome, times }];
	});
	return [
		...large.filter(({ os, app_version }) => os !== "other" || app_version !== "other"),
		...sumOthers(large, merged),
	];
}

/** There may be large cells that are called "other" already. */
function sumOthers(large: readonly DeliveryCell[], merged: readonly DeliveryCell[]): readonly DeliveryCell[] {
	return (["delivered", "left"] as const).flatMap((outcome) => {
		const times = [...large, ...merged]
			.filter((cell) => cell.outcome === outcome && cell.os === "other" && cell.app_version === "other")
			.reduce((sum, cell) => sum + cell.times, 0);
		return times === 0 ? [] : [{ os: "other", app_version: "other", outcome, times }];
	});
}
