/** What delivery tells of streams, for the counts of use and of delivery. */
import type { AccountId } from "@troth/protocol";
import type { ClientKind, DeliveryCounts } from "./delivery-counts.ts";
import type { UsageDays } from "./usage-days.ts";

export interface UsageMeter {
	/** A device of this account is attached, now. */
	present(account: AccountId): void;
	/** As its Hello says it. */
	kindOf(os: string, appVersion: string): ClientKind;
	/** So many items were acknowledged, or were still under way when the stream ended. */
	count(kind: ClientKind, outcome: "delivered" | "left", times: number): void;
}

export function usageMeter(days: UsageDays, counts: DeliveryCounts): UsageMeter {
	return {
		present: (account) => days.present(account),
		kindOf: (os, appVersion) => counts.kindOf(os, appVersion),
		count: (kind, outcome, times) => counts.count(kind, outcome, times),
	};
}
