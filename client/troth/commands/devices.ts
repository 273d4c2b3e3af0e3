import type { DeviceId } from "@troth/protocol";
import type { Device, DeviceInfo, DeviceNotice } from "../../device/api.ts";
import { type Command, requireWord, UsageError } from "../command.ts";
import type { Output } from "../output.ts";
import { withDevice } from "../with-device.ts";

/** `troth devices`: which devices this account has, and what is new about them; `troth devices remove`: one less. */
export const devices: Command = {
	name: "devices",
	usage: "[remove DEVICE]",
	summary: "lists the devices of this account, or takes one off it",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		switch (args.words[0]) {
			case undefined:
				return list(device, output);
			case "remove":
				return remove(device, requireWord(args, 1, "the device"), output);
			default:
				throw new UsageError("devices, or devices remove DEVICE");
		}
	}),
};

async function list(device: Device, output: Output): Promise<void> {
	for (const one of await device.devices()) {
		const { device: id, own, name, kind, addedAtMs, lastAttachedMs, unlinksAtMs } = one;
		output.say(
			{
				...{ device: id, own, kind, addedAt: addedAtMs },
				...(name !== undefined && { name }),
				...(lastAttachedMs !== undefined && { lastAttached: lastAttachedMs }),
				...(unlinksAtMs !== undefined && { unlinksAt: unlinksAtMs }),
			},
			describe(one),
		);
	}
	const notices = await device.deviceNotices();
	for (const { kind, device: id, name, atMs } of notices)
		output.say(
			{ notice: kind, device: id, ...(name !== undefined && { name }), ...(atMs !== undefined && { at: atMs }) },
			"",
		);
	if (notices.length > 0) output.remark(notices.map(describeDeviceNotice).join("\n"));
	await device.dismissDeviceNotices();
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

function describe({ device, own, name, kind, addedAtMs, unlinksAtMs }: DeviceInfo): string {
	const ends = unlinksAtMs === undefined ? "" : `  unlinked on ${dayOf(unlinksAtMs)} unless it comes back`;
	return `${device}  ${name ?? kind}  added ${dayOf(addedAtMs)}${own ? "  (this one)" : ""}${ends}`;
}

/** One line for people. */
export function describeDeviceNotice({ kind, own, device, name, atMs }: DeviceNotice): string {
	const which = own ? "this device" : `“${name ?? device}”`;
	const day = atMs === undefined ? "" : dayOf(atMs);
	switch (kind) {
		case "linked":
			return `New: ${which} was linked on ${day}. Not you? troth devices remove ${device}`;
		case "removed":
			return `Gone: ${which} was removed from your account.`;
		case "idle":
			return own
				? `${which} was not used for long: after 30 days it is unlinked.`
				: `${which} is not used any more: it is unlinked on ${day}.`;
		case "unlinked":
			return `Gone: ${which} was unlinked on ${day}, because it was not used for 30 days.`;
	}
}

async function remove(device: Device, word: string, output: Output): Promise<void> {
	const known = await device.devices();
	const found = known.filter((one) => one.device.startsWith(word) || one.name === word);
	const [one, ...others] = found;
	if (one === undefined) throw new UsageError("your account has no such device");
	if (others.length > 0) throw new UsageError("that could be several of your devices: say more of its id");
	await device.removeDevice(one.device satisfies DeviceId);
	output.say({ device: one.device, removed: true }, `${one.name ?? one.device} is no device of yours any more.`);
}
