import { Refusal } from "@troth/protocol";
import type { ConversationRecord } from "../state/records.ts";
import type { DeviceContext } from "./context.ts";
import { haltedRefusal } from "./halted.ts";

/**
 * May this device write in the conversation? Refuses as the device does for good where it was halted, and with NOT_FOUND,
 * NOT_A_MEMBER, GROUP_FULL, DEVICE_LIST_INVALID.
 */
export function requireSendable(context: DeviceContext, record: ConversationRecord | undefined): void {
	const never = haltedRefusal(context.profile().halted);
	if (never !== undefined) throw never;
	if (record === undefined || record.state === "creating") throw new Refusal("NOT_FOUND", "no such conversation");
	if (record.state === "ended") throw new Refusal("NOT_A_MEMBER", "this device is no longer in the conversation");
	if (record.state === "joining" && record.full === true)
		throw new Refusal("GROUP_FULL", "the group has no room for this device");
	if (record.state === "refused")
		throw new Refusal("DEVICE_LIST_INVALID", "a member's device is not in its account's signed list");
}
