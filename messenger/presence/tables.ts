/** What is kept of presence: a choice, and one time. */
import type { AccountId } from "@troth/protocol";

/** Who may see something of an account. */
export type AudienceName = "everyone" | "contacts" | "nobody";

export interface PresenceTables {
	presence: PresenceTable;
}

export interface PresenceTable {
	account_id: AccountId;
	audience: AudienceName;
	/** To the minute; null where it is not known or the audience is nobody. */
	last_seen_ms: number | null;
}
