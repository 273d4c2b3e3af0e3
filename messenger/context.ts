/**
 * Everything an endpoint may reach. Built once in `server.ts`, passed to every endpoint, never imported as a global.
 */
import type { AccountId, Clock, DeviceId } from "@troth/protocol";
import type { BlobStore, LogStore } from "@troth/storage";

/** Where a device's request comes from, after its token or login was verified. */
export interface Session {
	readonly account: AccountId;
	readonly device: DeviceId;
}

/** What delivery needs to know about accounts; implemented in `accounts/directory.ts`. */
export interface Directory {
	/** Undefined for devices that do not exist or are no longer in their account's signed list. */
	device(device: DeviceId): Promise<{ readonly account: AccountId; readonly signatureKey: Uint8Array } | undefined>;
	/** The devices in the account's current signed list. */
	devicesOf(account: AccountId): Promise<readonly { readonly device: DeviceId; readonly signatureKey: Uint8Array }[]>;
	/** The accounts that this account blocked. Cheap: cached, invalidated on change. */
	blockedBy(account: AccountId): Promise<ReadonlySet<AccountId>>;
	acceptedTerms(account: AccountId): Promise<boolean>;
	noteAttached(device: DeviceId, attached: boolean): void;
}

/** What accounts need from delivery; implemented in `delivery/`. */
export interface Delivery {
	/** A new device: its own log and the subscription to it, durable when it resolves. */
	openDeviceLog(account: AccountId, device: DeviceId): Promise<void>;
	/** Devices that left the account: streams are closed (4410), subscriptions end, their leaves wait for removal. */
	dropDevices(account: AccountId, devices: readonly DeviceId[]): Promise<void>;
	/** Blocks changed: takes effect on the next entry delivered. */
	blocksChanged(account: AccountId): void;
	/** Is a stream of this device open now? */
	attached(device: DeviceId): boolean;
}

export interface Stores {
	readonly logs: LogStore;
	readonly blobs: BlobStore;
	readonly clock: Clock;
}
