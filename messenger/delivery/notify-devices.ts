/** Entries of the server's own in the logs of many devices: notices, device lists. */
import { fromBinary } from "@bufbuild/protobuf";
import { type DeviceId, type EntryKind, EntrySchema } from "@troth/protocol";
import { withDeviceEntries } from "./device-logs.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Devices that are written to side by side. Each is a transaction of its own, so that no log waits for another one; the
 * store commits those that wait together, and more of them make a commit cheaper for each.
 */
const AT_ONCE = 500;
/** How far back an entry is looked for; a device whose log has grown by more is told again. */
const LOOKED_BACK = { entries: 256, bytes: 256 * 1024 };

interface Told {
	readonly kind: EntryKind;
	readonly payload: Uint8Array;
}

/** As `Delivery.notifyDevices`. A device that can not be written to holds up no other; the first failure is thrown. */
export async function notifyDevices(
	exchange: Exchange,
	devices: Iterable<DeviceId>,
	told: Told,
	{ unlessThere }: { readonly unlessThere: boolean } = { unlessThere: false },
): Promise<void> {
	const left = new Set(devices).values();
	const failures: unknown[] = [];
	const lane = async () => {
		for (const device of left) {
			try {
				if (!unlessThere || !(await isThere(exchange, device, told))) await notify(exchange, device, told);
			} catch (error) {
				failures.push(error);
			}
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
	if (failures.length > 0) throw failures[0];
}

async function notify(exchange: Exchange, device: DeviceId, { kind, payload }: Told): Promise<void> {
	const { owners, logs, clock } = exchange;
	const known = owners.peek(device) !== undefined;
	await withDeviceEntries(exchange, [{ device, kind, payload, epoch: 0 }], clock.now(), async (steps) => {
		if (steps.length > 0) await logs.write(steps);
	});
	// Most devices are away: a million of their logs must not stay in memory.
	if (!known) owners.letGo(device);
}

async function isThere({ owners, logs }: Exchange, device: DeviceId, { kind, payload }: Told): Promise<boolean> {
	const owner = await owners.open(device);
	if (owner === undefined) return false;
	const after = Math.max(owner.trimmed, owner.durable - LOOKED_BACK.entries);
	const entries = await logs.read(device, after, LOOKED_BACK);
	return entries.some(
		(entry) => entry.kind === kind && Buffer.compare(fromBinary(EntrySchema, entry.body).payload, payload) === 0,
	);
}
