/**
 * The log of a device itself: what concerns it alone (Welcomes, device lists, notices). Entries here come from the
 * server; devices only read.
 */
import type { AccountId, DeviceId, EntryKind, LogId } from "@troth/protocol";
import { type LogStore, type LogWrite, type SenderRow, StoreError } from "@troth/storage";
import type { Exchange } from "./exchange.ts";
import type { LogOwner } from "./log-owner.ts";
import type { Placed } from "./under-way.ts";

/** Makes a device's log and its subscription to it. Nothing happens where it exists. Durable when it resolves. */
export async function openDeviceLog(logs: LogStore, account: AccountId, device: DeviceId): Promise<void> {
	const subscription = {
		...{ log: device, device, account, leaf: undefined, role: "member" as const },
		...{ from: 0, acked: 0, floor: 0, until: undefined },
	};
	try {
		await logs.write([
			{ kind: "create", log: device, group: undefined, alias: undefined },
			{ kind: "subscribe", subscription },
		]);
	} catch (error) {
		if (!(error instanceof StoreError && error.code === "LogExists")) throw error;
	}
}

/** What is to be placed in one device's log. */
export interface DeviceEntry {
	readonly device: DeviceId;
	readonly kind: EntryKind;
	readonly payload: Uint8Array;
	readonly epoch: number;
}

/**
 * Runs `write` with the steps that place these entries, while the devices' logs belong to this work alone; when it
 * resolves, the entries are delivered. At most one entry per device. Devices without a log, and those removed meanwhile,
 * are left out.
 */
export async function withDeviceEntries(
	exchange: Exchange,
	entries: readonly DeviceEntry[],
	timeMs: number,
	write: (steps: readonly LogWrite[]) => Promise<void>,
): Promise<void> {
	// Always in the same order, so that two of these never wait for each other.
	const ordered = [...entries].sort((a, b) => (a.device < b.device ? -1 : 1));
	const all: { readonly owner: LogOwner; readonly placed: Placed }[] = [];
	const take = async (at: number): Promise<void> => {
		const entry = ordered[at];
		if (entry === undefined) {
			await write(all.map(({ owner, placed }) => appendStep(owner.log, placed, undefined)));
			for (const { owner, placed } of all) owner.settle(placed, undefined, undefined);
			return;
		}
		const owner = await exchange.owners.open(entry.device);
		if (owner?.members.live(entry.device) === undefined) return take(at + 1);
		await owner.exclusively(async () => {
			const fields = { kind: entry.kind, clientSeq: 0, epoch: entry.epoch, payload: entry.payload };
			all.push({ owner, placed: owner.place(fields, undefined, timeMs) });
			await take(at + 1);
		});
	};
	try {
		await take(0);
	} catch (error) {
		// What these owners know may be old.
		if (error instanceof StoreError && error.code !== "LogExists") for (const { owner } of all) owner.abandon();
		throw error;
	}
}

/** The step that stores a placed entry. */
export function appendStep(log: LogId, { entry, timeMs }: Placed, sender: SenderRow | undefined): LogWrite {
	const { seq, kind, senderAccount, body } = entry;
	return { kind: "append", log, entry: { seq, timeMs, kind, senderAccount, body }, sender };
}
