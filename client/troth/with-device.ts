/** Opens the profile's device for one command and closes it after, whatever happened. */
import type { Command, WithDevice } from "./command.ts";
import { catchUpIfPossible, reachServer } from "./reaching.ts";

/**
 * What a command needs before it begins. `server`: to be up to date, or it is refused. `store`: what lies here, brought
 * up to date where the server can be reached. `nothing`: it sees to that itself.
 */
export type Needs = "server" | "store" | "nothing";

export function withDevice(needs: Needs, run: WithDevice): Command["run"] {
	return async (args, surroundings) => {
		const { profile, passphrase } = surroundings;
		// Loaded only now: most of a start's time goes here, and `--help` or a wrong option needs none of it.
		const { openProfile } = await import("../device/open.node.ts");
		await using device = await openProfile({ dir: profile, ...(passphrase !== undefined && { passphrase }) });
		if (needs === "server") await reachServer(device);
		if (needs === "store") await catchUpIfPossible(device);
		await run(device, args, surroundings);
	};
}
