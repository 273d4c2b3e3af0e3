/** How times are said in lists and between days. */
import { words } from "../words/words.ts";

const DAY = 24 * 3600 * 1000;

/** Local midnight before this time. */
export function dayOf(ms: number): number {
	return new Date(ms).setHours(0, 0, 0, 0);
}

/** "14:32", "Yesterday", "Mon", "3 Aug": as short as it stays clear. */
export function shortMoment(ms: number, nowMs: number): string {
	const days = Math.round((dayOf(nowMs) - dayOf(ms)) / DAY);
	if (days <= 0) return words.time.timeOfDay(ms);
	if (days === 1) return words.time.yesterday;
	return days < 7 ? words.time.weekday(ms) : words.time.shortDay(ms);
}

/** When somebody was here last: "last seen today at 14:02". */
export function lastSeen(ms: number, nowMs: number): string {
	const { presence, time } = words;
	const days = Math.round((dayOf(nowMs) - dayOf(ms)) / DAY);
	if (days <= 0) return presence.lastSeenToday(time.timeOfDay(ms));
	if (days === 1) return presence.lastSeenYesterday(time.timeOfDay(ms));
	return presence.lastSeenOn(time.shortDay(ms), time.timeOfDay(ms));
}

/** The heading of a day. */
export function dayHeading(ms: number, nowMs: number): string {
	const days = Math.round((dayOf(nowMs) - dayOf(ms)) / DAY);
	if (days === 0) return words.time.today;
	if (days === 1) return words.time.yesterday;
	const sameYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
	return sameYear ? words.time.day(ms) : words.time.dayOfOtherYear(ms);
}
