/** The part of a device that knows the others of its account. */
import { Refusal } from "@troth/protocol";
import type { LinkingDevice } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import { confirmLink, openLink, refuseLink } from "./confirm-link.ts";
import { deviceNotices, noteSeen } from "./device-notices.ts";
import { listDevices } from "./list-devices.ts";
import { removeDevice } from "./remove-device.ts";

/** @param erase leaves nothing in the store, and closes */
export function linkingDevice(context: DeviceContext, erase: () => Promise<void>): LinkingDevice {
	return {
		devices: () => listDevices(context),
		openLink: (code) => openLink(context, code),
		confirmLink: (link) => confirmLink(context, link),
		refuseLink: (link) => refuseLink(context, link),
		removeDevice: (device) => removeDevice(context, device),
		async forgetHere() {
			if (context.profile().halted === undefined)
				throw new Refusal("FORBIDDEN", "this is a device of the account: remove it first");
			await erase();
		},
		deviceNotices: () => deviceNotices(context),
		dismissDeviceNotices: () => noteSeen(context),
	};
}
