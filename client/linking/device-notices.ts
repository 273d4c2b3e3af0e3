/**
 * What the person of this device has not seen yet of the account's devices: derived from the list they saw last and the
 * list as it is, so that nothing that happened meanwhile can be missed.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type DeviceId, DeviceIdlePayloadSchema, DeviceKind, type Entry, readId } from "@troth/protocol";
import { Unreadable } from "../content/unreadable.ts";
import type { DeviceContext } from "../device/context.ts";
import type { DeviceNotice } from "../device/linking-api.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { DevicesSeenRecord } from "../state/linking-records.ts";
import type { ListedDeviceRecord } from "../state/records.ts";
import { kindName, openDetails } from "./device-details.ts";
import { identityKeys, ownDevices, publishOwnList } from "./own-list.ts";

type Seen = DevicesSeenRecord["devices"][number];

/** Every device of the account with what it is called. */
export async function namedDevices(context: DeviceContext): Promise<readonly (Seen & ListedDeviceRecord)[]> {
	const { privateKey } = await identityKeys(context);
	return Promise.all(
		ownDevices(context).map(async (listed) => {
			const details = await openDetails(privateKey, listed.device, listed.sealedDetails);
			return { ...listed, name: details?.name || undefined, kind: details?.kind ?? DeviceKind.UNSPECIFIED };
		}),
	);
}

export async function deviceNotices(context: DeviceContext): Promise<readonly DeviceNotice[]> {
	const seen = await context.state.read(KEYS.devicesSeen);
	if (seen === undefined) return [];
	const present = await namedDevices(context);
	const own = context.self.device;
	const view = (kind: DeviceNotice["kind"], one: Seen, atMs: number | undefined): DeviceNotice => ({
		...{ kind, device: one.device, own: one.device === own, name: one.name, deviceKind: kindName(one.kind), atMs },
	});
	const known = new Map(seen.devices.map((one) => [one.device, one]));
	const there = new Map(present.map((one) => [one.device, one]));
	const named = (device: DeviceId): Seen =>
		there.get(device) ?? known.get(device) ?? { device, name: undefined, kind: DeviceKind.UNSPECIFIED };
	const unlinked = new Set(seen.idle.filter((one) => one.unlinked).map(({ device }) => device));
	return [
		...seen.idle.map(({ device, atMs, unlinked }) => view(unlinked ? "unlinked" : "idle", named(device), atMs)),
		...seen.devices
			.filter(({ device }) => !there.has(device) && !unlinked.has(device))
			.map((one) => view("removed", one, undefined)),
		...present
			.filter(({ device }) => !known.has(device) && device !== own)
			.sort((a, b) => a.addedAtMs - b.addedAtMs)
			.map((one) => view("linked", one, one.addedAtMs)),
	];
}

/** The person has seen the devices as they are. */
export async function noteSeen(context: DeviceContext): Promise<void> {
	const present = await namedDevices(context);
	await context.state.transact(async (draft) => {
		const devices = present.map(({ device, name, kind }) => ({ device, name, kind }));
		draft.write(KEYS.devicesSeen, { devices, idle: [] });
		draft.after(() => context.announcer.emit({ type: "devices" }));
	});
}

/** The person changed this one here: it is no news to them, whatever else is. */
export async function noteChanged(context: DeviceContext, device: DeviceId): Promise<void> {
	const present = (await namedDevices(context)).filter((one) => one.device === device);
	await context.state.transact(async (draft) => {
		const before = (await draft.read(KEYS.devicesSeen)) ?? { devices: [], idle: [] };
		const now = present.map(({ name, kind }) => ({ device, name, kind }));
		draft.write(KEYS.devicesSeen, {
			devices: [...before.devices.filter((one) => one.device !== device), ...now],
			idle: before.idle.filter((one) => one.device !== device),
		});
		draft.after(() => context.announcer.emit({ type: "devices" }));
	});
}

/** A device begins: the devices it finds are no news. */
export async function noteFirstDevices(context: DeviceContext): Promise<void> {
	if (ownDevices(context).length === 0 || (await context.state.read(KEYS.devicesSeen)) !== undefined) return;
	await noteSeen(context);
}

/** The server says that a device was not here for long, or was unlinked for it. */
export async function applyIdle(context: DeviceContext, draft: Draft, entry: Entry): Promise<void> {
	const { deviceId, unlinksAtMs, unlinked } = fromBinary(DeviceIdlePayloadSchema, entry.payload);
	const device = readId<DeviceId>(deviceId);
	if (device === undefined) throw new Unreadable("Malformed");
	const atMs = Number(unlinksAtMs);
	const before = (await draft.read(KEYS.devicesSeen)) ?? { devices: [], idle: [] };
	const idle = [...before.idle.filter((one) => one.device !== device), { device, atMs, unlinked }];
	draft.write(KEYS.devicesSeen, { ...before, idle });
	draft.after(() => {
		context.announcer.emit({ type: "devices" });
		if (unlinked) context.background(() => forgetUnlinked(context));
	});
}

/** The server unlinked a device that was not here for long: it goes off the list as well. */
export async function forgetUnlinked(context: DeviceContext): Promise<void> {
	if (!context.session.attached) return;
	const unlinked = ((await context.state.read(KEYS.devicesSeen))?.idle ?? []).filter((one) => one.unlinked);
	const listed = new Set(ownDevices(context).map(({ device }) => device));
	if (unlinked.some(({ device }) => listed.has(device))) await publishOwnList(context, (devices) => devices);
}
