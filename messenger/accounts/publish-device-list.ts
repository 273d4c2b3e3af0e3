import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type DeviceId,
	type PublishDeviceListRequest,
	type PublishDeviceListResponseSchema,
	Refusal,
} from "@troth/protocol";
import type { Transaction } from "kysely";
import type { MessengerContext, Session } from "../context.ts";
import type { AccountRow, Records } from "../records/schema.ts";
import { noteDeliveryTasks, runDeliveryTasks } from "./delivery-tasks.ts";
import { type CheckedDeviceList, checkDeviceList, invalid } from "./device-list.ts";

/**
 * The next version of the caller's device list. Devices that left it lose their sessions, key packages and streams at
 * once, new ones get their log, and the people the account writes to get the list. A repeat of the stored list is answered as the first time.
 * Refuses with MALFORMED, DEVICE_LIST_INVALID, DEVICE_LIST_STALE, DEVICES_FULL, RATE_LIMITED (a limit for security is on it).
 */
export async function publishDeviceList(
	context: MessengerContext,
	request: PublishDeviceListRequest,
	session: Session,
): Promise<MessageInitShape<typeof PublishDeviceListResponseSchema>> {
	const list = checkDeviceList(request.deviceList);
	if (list.account !== session.account) throw invalid("the list is another account's");
	const limited = await context.limits.restriction(list.account, "new-devices");
	const change = await context.records.transaction().execute(async (transaction) => {
		const stored = await store(transaction, list, context.clock.now());
		if (stored !== undefined && stored.added.length > 0 && limited !== undefined)
			throw new Refusal("RATE_LIMITED", "a limit is on this account: no device can be added", {
				retryAtMs: limited.untilMs,
			});
		return stored;
	});
	if (change !== undefined) {
		context.directory.devicesChanged(list.account, [...change.added, ...change.removed]);
		context.events.deviceListChanged(list.account, change.added, change.removed);
	}
	await runDeliveryTasks(context, [list.account]);
	return {};
}

interface Change {
	readonly added: readonly DeviceId[];
	readonly removed: readonly DeviceId[];
}

/** Undefined when this very list is stored already. */
async function store(
	transaction: Transaction<Records>,
	list: CheckedDeviceList,
	now: number,
): Promise<Change | undefined> {
	const account = await transaction
		.selectFrom("account")
		.selectAll()
		.where("account_id", "=", list.account)
		.executeTakeFirst();
	if (account === undefined) throw new Refusal("NOT_FOUND", "no such account");
	if (isStored(account, list)) return undefined;
	if (Buffer.compare(account.identity_key, list.identityKey) !== 0) throw invalid("the identity key never changes");
	if (list.version <= account.list_version)
		throw new Refusal("DEVICE_LIST_STALE", "a list of this version or a newer one is stored");
	if (list.version !== account.list_version + 1) throw invalid("versions grow by one");
	const change = await compare(transaction, list);
	await transaction
		.updateTable("account")
		.set({
			list_version: list.version,
			list_statement: list.signed.statement,
			list_signature: list.signed.signature,
		})
		.where("account_id", "=", list.account)
		.execute();
	await addDevices(transaction, list, change.added, now);
	await removeDevices(transaction, change.removed, now);
	await noteDeliveryTasks(transaction, list.account, { ...change, announce: true });
	return change;
}

function isStored(account: AccountRow, list: CheckedDeviceList): boolean {
	return (
		Buffer.compare(account.list_statement, list.signed.statement) === 0 &&
		Buffer.compare(account.list_signature, list.signed.signature) === 0
	);
}

/** A device keeps its key for life, and an id is never used again, here or by another account. */
async function compare(transaction: Transaction<Records>, list: CheckedDeviceList): Promise<Change> {
	const current = await transaction
		.selectFrom("device")
		.select(["device_id", "signature_key"])
		.where("account_id", "=", list.account)
		.where("removed_at_ms", "is", null)
		.execute();
	const keys = new Map(current.map((row) => [row.device_id, row.signature_key]));
	for (const { device, signatureKey } of list.devices) {
		const key = keys.get(device);
		if (key !== undefined && Buffer.compare(key, signatureKey) !== 0)
			throw invalid("the key of a listed device never changes");
	}
	const listed = new Set(list.devices.map(({ device }) => device));
	const added = [...listed].filter((device) => !keys.has(device));
	if (list.devices.some(({ device, agreed }) => !agreed && added.includes(device)))
		throw invalid("a linked device has to sign that it is this account's");
	return { added, removed: [...keys.keys()].filter((device) => !listed.has(device)) };
}

/** Puts devices of the list into the records. Refuses with DEVICE_LIST_INVALID where an id was ever used before. */
export async function addDevices(
	transaction: Transaction<Records>,
	list: CheckedDeviceList,
	added: readonly DeviceId[],
	now: number,
): Promise<void> {
	if (added.length === 0) return;
	const used = await transaction.selectFrom("device").select("device_id").where("device_id", "in", added).execute();
	if (used.length > 0) throw invalid("a device id is used for one device only, ever");
	await transaction
		.insertInto("device")
		.values(
			list.devices
				.filter(({ device }) => added.includes(device))
				.map(({ device, signatureKey }) => ({
					device_id: device,
					account_id: list.account,
					signature_key: signatureKey,
					created_at_ms: now,
					last_attached_ms: null,
					removed_at_ms: null,
				})),
		)
		.execute();
}

/** Takes devices out of service: what is left of them is the memory that they were removed. */
export async function removeDevices(
	transaction: Transaction<Records>,
	removed: readonly DeviceId[],
	now: number,
): Promise<void> {
	if (removed.length === 0) return;
	await transaction.updateTable("device").set({ removed_at_ms: now }).where("device_id", "in", removed).execute();
	await transaction.deleteFrom("key_package").where("device_id", "in", removed).execute();
	await transaction.deleteFrom("last_resort_key_package").where("device_id", "in", removed).execute();
	await transaction.deleteFrom("push_subscription").where("device_id", "in", removed).execute();
}
