/** What the records keep of how a version reaches everybody. Times are UTC milliseconds. */
import type { AccountId } from "@troth/protocol";

export interface RolloutTables {
	terms_rollout: TermsRolloutTable;
	terms_reminder: TermsReminderTable;
	terms_tally: TermsTallyTable;
}

/** A version on its way to the devices, in the order of their accounts. The row stays when all have it. */
export interface TermsRolloutTable {
	version: number;
	/** Every device of the accounts up to this one has it. */
	after_account: AccountId | "";
	/** The end of the slice that is under way: some of its devices may have it. The same as `after_account` between slices. */
	until_account: AccountId | "";
	/** How many accounts and devices have it. */
	accounts: number;
	devices: number;
	begun_at_ms: number;
	ended_at_ms: number | null;
}

/**
 * How far the reminder of one day has come, in the order in which the notice was displayed: it only goes forward, so that
 * nobody is reminded of the same day twice.
 */
export interface TermsReminderTable {
	version: number;
	/** Days after the notice was displayed. */
	day: number;
	after_ms: number;
	after_account: AccountId | "";
	/** As in `terms_rollout`. */
	until_ms: number;
	until_account: AccountId | "";
	/** How many were reminded. */
	accounts: number;
}

/** Rows of other tables, counted by triggers (`records/008-rollout.ts`). */
export interface TermsTallyTable {
	/** `displayed`, `accepted`: of a version; `holds`: accounts whose accepted version is this, 0 for none; `choice`. */
	kind: "displayed" | "accepted" | "holds" | "choice";
	/** The version; for `choice` purpose, purposeHash in hex and state, with a space between. */
	key: string;
	count: number;
}
