/** Opens the profile's device for one command and closes it after, whatever happened. */
import { openProfile } from "../device/open.node.ts";
import type { Command, WithDevice } from "./command.ts";

export function withDevice(run: WithDevice): Command["run"] {
	return async (args, surroundings) => {
		const { profile, passphrase } = surroundings;
		await using device = await openProfile({ dir: profile, ...(passphrase !== undefined && { passphrase }) });
		await run(device, args, surroundings);
	};
}
