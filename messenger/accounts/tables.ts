/** What is stored of numbers that changed hands. Times are UTC milliseconds. */
import type { AccountId } from "@troth/protocol";

export interface NumberGivenUpTable {
	/** HMAC of the number under a key of its own, hex: the number itself is nowhere any more. */
	number_mac: string;
	/** Who had it, and has another one since. */
	account_id: AccountId;
	given_up_at_ms: number;
}
