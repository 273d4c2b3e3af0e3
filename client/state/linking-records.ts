/** What a device keeps while it links another one, or is linked; as in `records.ts`. */
import type { AccountId, DeviceId, DeviceKind } from "@troth/protocol";
import type { KeyPairRecord } from "./records.ts";

/** This device on its way to become one of an account that exists. Everything that leaves is made once and kept here. */
export interface JoiningRecord {
	readonly server: string;
	readonly origin: string;
	/** Hex; what the code shows. */
	readonly secret: string;
	readonly expiresAtMs: number;
	readonly device: DeviceId;
	readonly keys: KeyPairRecord;
	/** Sealed letters, hex. */
	readonly offer: string;
	/** What the account's device said once its person had confirmed, and this device's answer to it. */
	readonly accepted?: {
		readonly account: AccountId;
		readonly identityKey: string;
		readonly agreement: string;
		/** Sealed letter, hex. */
		readonly letter: string;
	};
}

/** A device that this one is about to link. */
export interface LinkRecord {
	readonly secret: string;
	readonly device: DeviceId;
	readonly signatureKey: string;
	readonly name: string;
	readonly kind: DeviceKind;
	readonly openedAtMs: number;
	/** The person said yes; sealed letter, hex. */
	readonly acceptance?: string;
	/** It is listed; sealed letter, hex. */
	readonly bundle?: string;
}

/** A history on its way from one device of the account to another. */
export interface HistoryRecord {
	readonly archive: string;
	/** Hex. */
	readonly secret: string;
	readonly sinceMs: number;
}

/** A conversation of the account's other devices that this one came in to later. */
export interface CameInRecord {
	/** The position before its own first entry, and the time of that; absent until it is in. */
	readonly at?: number;
	readonly atMs?: number;
	/** Another device told everything it has from before this position. */
	readonly told?: number;
	/** A row says that something may be missing. */
	readonly shown?: true;
}

/** How far an archive of this account reaches in a conversation. */
export interface ArchivedRecord {
	/** The archive, by its salt (hex). */
	readonly archive: string;
	readonly seq: number;
}

/** Something of this device's that the account's other devices are still to be told. */
export interface OwnNoteRecord {
	/** Another one each time it changed. */
	readonly change: string;
}

/** The devices of the account that its person knows of on this device. */
export interface DevicesSeenRecord {
	readonly devices: readonly {
		readonly device: DeviceId;
		readonly name: string | undefined;
		readonly kind: DeviceKind;
	}[];
	/** Devices that were not here for long, and when they are or were unlinked. */
	readonly idle: readonly { readonly device: DeviceId; readonly atMs: number; readonly unlinked: boolean }[];
}
