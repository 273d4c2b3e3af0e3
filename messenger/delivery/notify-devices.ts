/** Entries of the server's own in the logs of many devices: notices, device lists. */
import { fromBinary } from "@bufbuild/protobuf";
import { type DeviceId, type EntryKind, EntrySchema, idBytes } from "@troth/protocol";
import { type LogWrite, type StoredEntry, StoreError } from "@troth/storage";
import { withDeviceEntries } from "./device-logs.ts";
import type { Exchange } from "./exchange.ts";
import { newEntryMessage } from "./wire.ts";

/** Devices that are away are written to in transactions of this size, this many of them side by side. */
const AWAY_AT_ONCE = 500;
const LANES = 3;
/** Devices that are there have a transaction each, so that no log waits for another one. */
const PRESENT_AT_ONCE = 100;
/** How far back an entry is looked for; a device whose log has grown by more is told again. */
const LOOKED_BACK = { entries: 256, bytes: 256 * 1024 };

interface Told {
	readonly kind: EntryKind;
	readonly payload: Uint8Array;
}

const NO_BYTES = new Uint8Array();

/** As `Delivery.notifyDevices`. A device that can not be written to holds up no other; the first failure is thrown. */
export async function notifyDevices(
	exchange: Exchange,
	devices: Iterable<DeviceId>,
	told: Told,
	{ unlessThere }: { readonly unlessThere: boolean } = { unlessThere: false },
): Promise<void> {
	const left = new Set(devices);
	if (unlessThere) await inLanes(PRESENT_AT_ONCE, [...left], (device) => forgetTold(exchange, device, told, left));
	await inLanes(LANES, inSlices([...left], AWAY_AT_ONCE), async (slice) => {
		for (const device of await tellAway(exchange, slice, told)) left.delete(device);
	});
	await inLanes(PRESENT_AT_ONCE, [...left], (device) => tell(exchange, device, told));
}

/** A million devices are away: their logs are not loaded, only lengthened. Gives the devices that were told. */
async function tellAway(exchange: Exchange, devices: readonly DeviceId[], told: Told): Promise<readonly DeviceId[]> {
	const { owners } = exchange;
	const candidates = devices.filter((device) => exchange.attached(device) === undefined);
	try {
		const done = await owners.whileAway(candidates, (away) => append(exchange, away, told));
		// Who came meanwhile has read up to before it.
		for (const device of done) if (exchange.attached(device) !== undefined) owners.refresh(device);
		return done;
	} catch (error) {
		// Another node was faster with one of these logs: each is written to by itself.
		if (error instanceof StoreError && error.code === "LogMoved") return [];
		throw error;
	}
}

/** One transaction. A device without a log is passed over. */
async function append({ logs, clock, hints }: Exchange, devices: readonly DeviceId[], told: Told): Promise<void> {
	const timeMs = clock.now();
	const steps: LogWrite[] = [];
	for (const [log, head] of await logs.heads(devices)) {
		const logBytes = idBytes(log);
		const { seq, kind, body } = newEntryMessage(
			{
				...{ log: logBytes, seq: head + 1, timeMs, kind: told.kind, payload: told.payload },
				...{ senderAccount: NO_BYTES, senderDevice: NO_BYTES, clientSeq: 0, epoch: 0, frankingTag: undefined },
			},
			undefined,
		);
		steps.push({
			kind: "append",
			log,
			entry: { seq, timeMs, kind, senderAccount: undefined, body },
			sender: undefined,
		});
		hints.publish({ logBytes });
	}
	if (steps.length > 0) await logs.write(steps);
}

async function tell(exchange: Exchange, device: DeviceId, { kind, payload }: Told): Promise<void> {
	const { logs, clock } = exchange;
	await withDeviceEntries(exchange, [{ device, kind, payload, epoch: 0 }], clock.now(), async (steps) => {
		if (steps.length > 0) await logs.write(steps);
	});
}

async function forgetTold(
	{ logs }: Exchange,
	device: DeviceId,
	{ kind, payload }: Told,
	devices: Set<DeviceId>,
): Promise<void> {
	const head = (await logs.heads([device])).get(device) ?? 0;
	const entries = await logs.read(device, Math.max(0, head - LOOKED_BACK.entries), LOOKED_BACK);
	const isIt = (entry: StoredEntry) =>
		entry.kind === kind && Buffer.compare(fromBinary(EntrySchema, entry.body).payload, payload) === 0;
	if (entries.some(isIt)) devices.delete(device);
}

function inSlices<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
	return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

/** Works on so many at a time, on all of them whatever happens to some; throws the first failure at the end. */
async function inLanes<Item>(
	lanes: number,
	items: readonly Item[],
	work: (item: Item) => Promise<void>,
): Promise<void> {
	const failures: unknown[] = [];
	const left = items.values();
	const lane = async () => {
		for (const item of left) await work(item).catch((error: unknown) => void failures.push(error));
	};
	await Promise.all(Array.from({ length: lanes }, lane));
	if (failures.length > 0) throw failures[0];
}
