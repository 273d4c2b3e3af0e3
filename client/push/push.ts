/** Where this device is woken while it is away. */
import { toHex } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { PushView } from "../device/push-api.ts";

export async function readPush({ rpc }: Pick<DeviceContext, "rpc">): Promise<PushView> {
	const { publicKey, endpointHash } = await rpc.push.getPush({});
	return {
		publicKey: publicKey.length === 0 ? undefined : new Uint8Array(publicKey),
		endpointHash: endpointHash.length === 0 ? undefined : toHex(endpointHash),
	};
}
