/** Days, times and counts on pages: UTC, in words that are the same everywhere. */

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/** "22 November 2026" */
export function day(atMs: number): string {
	return DAY.format(atMs);
}

/** "22 Nov 2026, 12:00" */
export function time(atMs: number): string {
	return TIME.format(atMs);
}

/** "1 number", "2 numbers" */
export function count(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
