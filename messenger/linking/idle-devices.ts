/**
 * Devices that are not here for long: their account is told ten days before they are unlinked, and after 30 days they
 * are, unless it would leave the account without a device that still comes. The server can take a device out of
 * service; off the list that its owner signed only another device of the account takes it.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { type AccountId, type DeviceId, DeviceIdlePayloadSchema, EntryKind, idBytes, LIMITS } from "@troth/protocol";
import { noteDeliveryTasks, noteUnlinked, runDeliveryTasks } from "../accounts/delivery-tasks.ts";
import { removeDevices } from "../accounts/publish-device-list.ts";
import type { MessengerContext } from "../context.ts";

export const IDLE_DEVICES_EVERY_MS = 3600 * 1000;

interface Known {
	readonly device: DeviceId;
	readonly seenMs: number;
	readonly warnedMs: number | undefined;
}

/** When a device that was last here then is unlinked, once that is near; undefined before. Pure. */
export function unlinksAt(seenMs: number, nowMs: number): number | undefined {
	const atMs = seenMs + LIMITS.deviceIdleMs;
	return nowMs >= atMs - LIMITS.deviceIdleWarningMs ? atMs : undefined;
}

/** Warns of and unlinks those whose time it is. */
export async function sweepIdleDevices(context: MessengerContext): Promise<void> {
	const now = context.clock.now();
	for (const [account, devices] of await candidates(context, now)) {
		for (const { device, seenMs, warnedMs } of devices) {
			const atMs = unlinksAt(seenMs, now);
			const another = devices.some((other) => other.device !== device && other.seenMs + LIMITS.deviceIdleMs > now);
			if (atMs === undefined || !another) continue;
			if (now >= atMs) await unlink(context, account, device, now);
			else if (warnedMs === undefined || warnedMs < seenMs) await warn(context, account, device, atMs, now);
		}
	}
}

/** All devices of the accounts with several of them, one of which was not here for long. */
async function candidates(
	{ records, directory, delivery }: MessengerContext,
	now: number,
): Promise<ReadonlyMap<AccountId, readonly Known[]>> {
	const before = now - LIMITS.deviceIdleMs + LIMITS.deviceIdleWarningMs;
	const rows = await records
		.selectFrom("device")
		.select(["account_id", "device_id", "created_at_ms", "last_attached_ms", "idle_warned_at_ms"])
		.where("removed_at_ms", "is", null)
		.where("account_id", "in", (from) =>
			from
				.selectFrom("device")
				.select("account_id")
				.where("removed_at_ms", "is", null)
				.groupBy("account_id")
				.having(({ fn, eb, and }) =>
					and([eb(fn.countAll(), ">", 1), eb(fn.min(fn.coalesce("last_attached_ms", "created_at_ms")), "<=", before)]),
				),
		)
		.execute();
	const accounts = new Map<AccountId, Known[]>();
	for (const row of rows) {
		const { account_id: account, device_id: device } = row;
		const noted = directory.lastSeen(device) ?? row.last_attached_ms ?? row.created_at_ms;
		// Whoever is here was last here now, however long ago it came.
		const seenMs = delivery.attached(device) ? now : noted;
		const known = accounts.get(account) ?? [];
		accounts.set(account, known);
		known.push({ device, seenMs, warnedMs: row.idle_warned_at_ms ?? undefined });
	}
	return accounts;
}

async function warn(
	{ records, directory, delivery }: MessengerContext,
	account: AccountId,
	device: DeviceId,
	atMs: number,
	now: number,
): Promise<void> {
	const payload = create(DeviceIdlePayloadSchema, { deviceId: idBytes(device), unlinksAtMs: BigInt(atMs) });
	const own = (await directory.devicesOf(account)).map((listed) => listed.device);
	// Told first: what is told twice is one warning, what is never told is none.
	await delivery.notifyDevices(own, EntryKind.DEVICE_IDLE, toBinary(DeviceIdlePayloadSchema, payload));
	await records.updateTable("device").set({ idle_warned_at_ms: now }).where("device_id", "=", device).execute();
}

async function unlink(context: MessengerContext, account: AccountId, device: DeviceId, now: number): Promise<void> {
	await context.records.transaction().execute(async (transaction) => {
		await removeDevices(transaction, [device], now);
		await transaction.updateTable("device").set({ unlinked: 1 }).where("device_id", "=", device).execute();
		await noteDeliveryTasks(transaction, account, { added: [], removed: [device], announce: false });
		await noteUnlinked(transaction, account, device);
	});
	context.directory.devicesChanged(account, [device]);
	context.events.deviceListChanged(account, [], [device]);
	await runDeliveryTasks(context, [account]);
}
