import type { AccountId, DeviceId } from "@troth/protocol";

export interface PushTables {
	push_subscription: PushSubscriptionTable;
}

/** Where a device is woken. The endpoint is a capability: whoever has it can wake the device. */
export interface PushSubscriptionTable {
	device_id: DeviceId;
	account_id: AccountId;
	endpoint: string;
	subscribed_at_ms: number;
	/** The wake-up since which the device was not here; null where it was. */
	woken_at_ms: number | null;
}
