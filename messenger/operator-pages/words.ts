/** What the operator's pages say of numbers and times. */
const NUMBER = new Intl.NumberFormat("en-GB");
const TIME = new Intl.DateTimeFormat("en-GB", {
	...{ day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" },
	timeZone: "UTC",
});
const HOUR_MS = 3600 * 1000;

export const numberWords = (count: number | bigint): string => NUMBER.format(count);
/** "22 November 2026 at 09:41 UTC" */
export const timeWords = (ms: number): string => `${TIME.format(ms)} UTC`;

/** "4 %" of a whole; nothing of nothing. */
export function partWords(part: number, whole: number): string | undefined {
	if (whole === 0) return undefined;
	return `${part > 0 && part < whole ? Math.min(99, Math.max(1, Math.round((part / whole) * 100))) : Math.round((part / whole) * 100)} %`;
}

/** "3 days", "5 hours", "less than an hour". */
export function ageWords(ms: number): string {
	const hours = Math.floor(ms / HOUR_MS);
	if (hours < 1) return "less than an hour";
	if (hours < 48) return hours === 1 ? "1 hour" : `${hours} hours`;
	return `${Math.floor(hours / 24)} days`;
}

export const countWords = (count: number, one: string, many: string): string =>
	count === 1 ? `1 ${one}` : `${numberWords(count)} ${many}`;
