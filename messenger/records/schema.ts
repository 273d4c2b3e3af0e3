/**
 * The messenger's relational records: what must be true of accounts, devices, keys and acceptances. Messages and
 * membership are not here but in the logs. Times are UTC milliseconds, ids lower-case hex, `_digest` SHA-256 hex.
 */
import type { ConsentTables } from "@troth/bridge";
import type { AccountId, DeviceId, PhoneNumber } from "@troth/protocol";
import type { ColumnType, Generated, Selectable } from "kysely";
import type { AbuseTables } from "../abuse/tables.ts";
import type { NumberGivenUpTable } from "../accounts/tables.ts";
import type { ArchiveTables } from "../archives/tables.ts";
import type { BusinessTables } from "../business/tables.ts";
import type { FindingTables } from "../finding/tables.ts";
import type { OperatorTables } from "../operator/tables.ts";
import type { PresenceTables } from "../presence/tables.ts";
import type { ProfilePhotoTable } from "../profile-photos/tables.ts";
import type { PushTables } from "../push/tables.ts";
import type { RegistrationLockTable } from "../registration/lock/tables.ts";
import type { RolloutTables } from "../terms/tables.ts";
import type { UsageTables } from "../usage/tables.ts";

/** Bytes go in as any Uint8Array and come out as one. */
type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;

export interface Records
	extends ConsentTables,
		AbuseTables,
		ArchiveTables,
		BusinessTables,
		FindingTables,
		OperatorTables,
		PresenceTables,
		PushTables,
		RolloutTables,
		UsageTables {
	account: AccountTable;
	device: DeviceTable;
	key_package: KeyPackageTable;
	last_resort_key_package: LastResortKeyPackageTable;
	block: BlockTable;
	registration_attempt: RegistrationAttemptTable;
	code_sent: CodeSentTable;
	registration: RegistrationTable;
	registration_lock: RegistrationLockTable;
	number_given_up: NumberGivenUpTable;
	profile_photo: ProfilePhotoTable;
	delivery_task: DeliveryTaskTable;
}

export interface AccountTable {
	account_id: AccountId;
	/** Unique: one number, one account. */
	phone: PhoneNumber;
	identity_key: Bytes;
	list_version: number;
	/** The device list as its owner signed it. */
	list_statement: Bytes;
	list_signature: Bytes;
	created_at_ms: number;
	/** Suspended, and none of its devices was here since then; null before it was warned of what follows. */
	absent_since_ms: Generated<number | null>;
	absence_warned_ms: Generated<number | null>;
	absence_warned_again_ms: Generated<number | null>;
}

export interface DeviceTable {
	device_id: DeviceId;
	account_id: AccountId;
	signature_key: Bytes;
	created_at_ms: number;
	last_attached_ms: number | null;
	/** Set when the device left its account: its id never comes back, and it can be told what happened. */
	removed_at_ms: number | null;
	/** When its account was told that it is not here for long. */
	idle_warned_at_ms: Generated<number | null>;
	/** 1: removed because it was not here for long. */
	unlinked: Generated<number>;
}

export interface KeyPackageTable {
	device_id: DeviceId;
	/** Grows per device: the oldest is given out first. */
	number: number;
	key_package_digest: string;
	/** Null once claimed. The row stays until the package expires, so that the same one is never taken in again. */
	key_package: ColumnType<Uint8Array | null, Uint8Array | null, Uint8Array | null>;
	expires_at_ms: number;
}

export interface LastResortKeyPackageTable {
	device_id: DeviceId;
	key_package: Bytes;
	expires_at_ms: number;
	used_at_ms: number | null;
}

export interface BlockTable {
	account_id: AccountId;
	blocked_account_id: AccountId;
	created_at_ms: number;
}

export interface RegistrationAttemptTable {
	attempt_id: string;
	phone: PhoneNumber;
	/** HMAC of attempt and code: the code itself is nowhere. */
	code_mac: Bytes;
	guesses: number;
	resends: number;
	resend_at_ms: number;
	expires_at_ms: number;
}

/** One row per code that went out, for the limit per number. */
export interface CodeSentTable {
	/** HMAC of the number. */
	phone_mac: string;
	sent_at_ms: number;
}

/** A verified number that waits for its account; later the memory of the answer that was given. */
export interface RegistrationTable {
	token_digest: string;
	account_id: AccountId;
	phone: PhoneNumber;
	expires_at_ms: number;
	/** Digest of the CreateAccount request that used the token. */
	request_digest: string | null;
	/** 1: the PIN of the number's registration lock was right. */
	unlocked: Generated<number>;
}

/**
 * What delivery still has to do about an account's devices. Written in the transaction that changes the account and
 * done after it, again after a crash: every kind may be repeated.
 */
export interface DeliveryTaskTable {
	account_id: AccountId;
	kind: "open-device-log" | "device-unlinked" | "announce-device-list" | "account-changed" | "drop-device";
	/** Empty for what concerns the whole account. */
	device_id: DeviceId | "";
}

export type AccountRow = Selectable<AccountTable>;
export type RegistrationAttemptRow = Selectable<RegistrationAttemptTable>;
export type RegistrationRow = Selectable<RegistrationTable>;
