import type { Command } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const devices: Command = {
	name: "devices",
	usage: "",
	summary: "lists the devices of this account",
	options: {},
	run: withDevice("server", async (device, _args, { output }) => {
		for (const { device: id, own, addedAtMs, lastAttachedMs } of await device.devices()) {
			output.say(
				{ device: id, own, addedAt: addedAtMs, ...(lastAttachedMs !== undefined && { lastAttached: lastAttachedMs }) },
				`${id}  added ${new Date(addedAtMs).toISOString().slice(0, 10)}${own ? "  (this one)" : ""}`,
			);
		}
	}),
};
