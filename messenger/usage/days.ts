/** On which day something is said of an account. Pure; days are UTC days since 1970. */
import type { AccountId } from "@troth/protocol";

const SAID_EVERY_DAYS = 7;

/** The next day, after this one, on which something is said of the account: its weekday follows from its id. */
export function dueAfter(account: AccountId, day: number): number {
	const weekday = Number.parseInt(account.slice(0, 8), 16) % SAID_EVERY_DAYS;
	const next = day + 1;
	return next + ((weekday - (next % SAID_EVERY_DAYS) + SAID_EVERY_DAYS) % SAID_EVERY_DAYS);
}
