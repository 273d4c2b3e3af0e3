/** Asks the host, for each day that is over, how delivery went, and shares it in sums about nobody (ADR 0009). */
import { dayText, utcDayOf } from "@troth/protocol";
import { partOf } from "@troth/storage";
import { forgetDays, INFRASTRUCTURE, shareDay } from "../../consent/delivery-days.ts";
import { FieldsUnavailable } from "../../door/source/share-source.ts";
import type { BesideContext } from "../context.ts";

/** A day that nobody asked for within a week, because the host was away or this service was, is not made up for. */
const DAYS_BACK = 7;

/**
 * Nothing of days from before the version in force was published. What the host does not answer is asked for again at the
 * next look. Rejects with StoreError.
 *
 * @param floor cells with fewer are merged into "other"
 */
export async function shareDeliveries(context: BesideContext, floor: number): Promise<void> {
	const { clock, records, terms, sharing, facts, events } = context;
	const named = terms.current.purposes.get(INFRASTRUCTURE)?.recipients ?? [];
	const recipients = named.filter((id) => sharing.recipients.some((there) => there.id === id));
	if (recipients.length === 0) return;
	const today = utcDayOf(clock.now());
	const first = Math.max(today - DAYS_BACK, utcDayOf(terms.versions.at(-1)?.publishedAtMs ?? clock.now()));
	const done = await records.selectFrom("delivery_day").select("day").where("day", ">=", first).execute();
	try {
		for (let day = first; day < today; day++) {
			if (done.some((row) => row.day === day)) continue;
			const cells = await facts.deliveries(dayText(day));
			const over = { day, cells, recipients, nowMs: clock.now() };
			await records.transaction().execute((transaction) => shareDay(partOf(transaction), over, floor));
		}
		await records.transaction().execute((transaction) => forgetDays(partOf(transaction), today));
	} catch (error) {
		if (!(error instanceof FieldsUnavailable)) throw error;
		events.hostUnavailable();
	}
}
