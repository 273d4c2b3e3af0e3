import { useEffect } from "react";
import { useModel } from "../state/context.ts";

/** Runs `look` whenever something about the account's devices changed. `look` must keep its identity. */
export function useDeviceChanges(look: () => void): void {
	const { host } = useModel();
	useEffect(
		() =>
			host.subscribe((event) => {
				if (event.type === "resync" || (event.type === "device" && event.event.type === "devices")) look();
			}),
		[host, look],
	);
}
