/**
 * The business's own device: registered on the first start, then kept in the gateway's directory, encrypted under a key
 * file that only the gateway's user can read.
 */
import { join } from "node:path";
import type { Device } from "@troth/client";
import { openProfile, registerProfile } from "@troth/client/device/open.node.ts";
import { type Clock, isRefusal } from "@troth/protocol";

export interface BusinessDeviceOptions {
	readonly clock: Clock;
	readonly directory: string;
	/** The messenger's origin. */
	readonly server: string;
	readonly name: string;
	/** E.164. */
	readonly phone: string;
	/** The code that the messenger sent to the number; asked for once, on the first start. */
	readonly code: () => Promise<string>;
}

/** Rejects with a Refusal where the messenger does not take the number, or a LocalStoreError. */
export async function openBusinessDevice(options: BusinessDeviceOptions): Promise<Device> {
	const { clock, server, phone, name, code } = options;
	const profile = { dir: join(options.directory, "device"), clock };
	try {
		return await openProfile(profile);
	} catch (error) {
		if (!isRefusal(error, "NOT_FOUND")) throw error;
	}
	await registerProfile({ ...profile, server, phone, name, code, acceptTerms: true });
	return openProfile(profile);
}
