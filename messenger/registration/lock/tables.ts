/** What is stored of a registration lock. Times are UTC milliseconds. */
import type { AccountId } from "@troth/protocol";
import type { ColumnType } from "kysely";

type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;

export interface RegistrationLockTable {
	account_id: AccountId;
	salt: Bytes;
	/** Argon2id (`pin.ts`). */
	pin_hash: Bytes;
	/** Wrong ones since the last right one, or since the last wait. */
	guesses: number;
	/** No guess is taken before; 0 for at once. */
	wait_until_ms: number;
	set_at_ms: number;
}
