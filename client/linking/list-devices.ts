import { type DeviceId, readId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { DeviceInfo } from "../device/linking-api.ts";
import { kindName } from "./device-details.ts";
import { namedDevices } from "./device-notices.ts";

/** The devices of the account as its list has them, with what the server knows of their being there. */
export async function listDevices(context: DeviceContext): Promise<readonly DeviceInfo[]> {
	const { devices } = await context.rpc.accounts.getOwnAccount({});
	const listed = await namedDevices(context);
	return listed.map(({ device, name, kind, addedAtMs }) => {
		const activity = devices.find(({ deviceId }) => readId<DeviceId>(deviceId) === device);
		const lastAttachedMs = Number(activity?.lastAttachedMs ?? 0n);
		const unlinksAtMs = Number(activity?.unlinksAtMs ?? 0n);
		return {
			...{ device, own: device === context.self.device, name, kind: kindName(kind), addedAtMs },
			lastAttachedMs: lastAttachedMs === 0 ? undefined : lastAttachedMs,
			attached: activity?.attached === true,
			unlinksAtMs: unlinksAtMs === 0 ? undefined : unlinksAtMs,
		};
	});
}
