/** How long to wait before something is tried again. */

const FIRST_MS = 1_000;
/** One small request a minute is nothing to a machine that comes back, and a recall should not wait longer. */
const LONGEST_MS = 60_000;

/** Milliseconds until the next attempt, after this many failures in a row (1 or more): doubling, then level. */
export function backoffMs(failures: number): number {
	return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
}
