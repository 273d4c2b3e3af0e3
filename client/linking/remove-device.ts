import { type DeviceId, Refusal } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { noteChanged } from "./device-notices.ts";
import { ownDevices, publishOwnList } from "./own-list.ts";
import { removeLeaves } from "./tend-devices.ts";

/**
 * Takes a device off the account: it loses its sessions at once, and its leaves in every conversation. Rejects with
 * NOT_FOUND, and with FORBIDDEN for the last one.
 */
export async function removeDevice(context: DeviceContext, device: DeviceId): Promise<void> {
	if (!ownDevices(context).some((one) => one.device === device))
		throw new Refusal("NOT_FOUND", "the account has no such device");
	await publishOwnList(context, (devices) => {
		const left = devices.filter((one) => one.device !== device);
		if (left.length === 0) throw new Refusal("FORBIDDEN", "the last device is not removed: delete the account instead");
		return left.length === devices.length ? devices : left;
	});
	await noteChanged(context, device);
	// What is left of it in conversations goes on while nobody waits for it.
	if (device !== context.self.device) context.background(() => removeLeaves(context));
}
