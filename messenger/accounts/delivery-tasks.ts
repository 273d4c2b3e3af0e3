/**
 * What delivery has to do after an account's devices changed. The task is written in the same transaction as the
 * change and done after it; what a crash left over is done at the next start. Every kind may be repeated.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type DeviceId,
	DeviceIdlePayloadSchema,
	DeviceListPayloadSchema,
	EntryKind,
	idBytes,
	SignedSchema,
} from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import type { Delivery, Directory } from "../context.ts";
import type { DeliveryTaskTable, Records } from "../records/schema.ts";

type Kind = DeliveryTaskTable["kind"];

/** A new device needs its log before it is announced, and one that goes still learns that it does. */
const ORDER: readonly Kind[] = [
	"open-device-log",
	"announce-device-list",
	"account-changed",
	"device-unlinked",
	"drop-device",
];

/** What the change of an account's devices makes necessary. */
export interface DeviceChange {
	readonly added: readonly DeviceId[];
	readonly removed: readonly DeviceId[];
	/** Tell the people the account writes to. */
	readonly announce: boolean;
}

/** Notes the tasks inside the transaction that makes them necessary. */
export async function noteDeliveryTasks(
	transaction: Transaction<Records>,
	account: AccountId,
	{ added, removed, announce }: DeviceChange,
): Promise<void> {
	const row = (kind: Kind, device: DeviceId | "") => ({ account_id: account, kind, device_id: device });
	const rows = [
		...added.map((device) => row("open-device-log", device)),
		...(announce ? [row("announce-device-list", "")] : []),
		...removed.map((device) => row("drop-device", device)),
	];
	if (rows.length === 0) return;
	await transaction
		.insertInto("delivery_task")
		.values(rows)
		.onConflict((conflict) => conflict.columns(["account_id", "kind", "device_id"]).doNothing())
		.execute();
}

/** What the account's own devices know of it is no longer true: they are told to ask. */
export async function noteAccountChanged(transaction: Transaction<Records>, account: AccountId): Promise<void> {
	await transaction
		.insertInto("delivery_task")
		.values({ account_id: account, kind: "account-changed", device_id: "" })
		.onConflict((conflict) => conflict.columns(["account_id", "kind", "device_id"]).doNothing())
		.execute();
}

/** The account's other devices learn that this one was unlinked. */
export async function noteUnlinked(
	transaction: Transaction<Records>,
	account: AccountId,
	device: DeviceId,
): Promise<void> {
	await transaction
		.insertInto("delivery_task")
		.values({ account_id: account, kind: "device-unlinked", device_id: device })
		.onConflict((conflict) => conflict.columns(["account_id", "kind", "device_id"]).doNothing())
		.execute();
}

interface TaskContext {
	readonly records: Kysely<Records>;
	readonly delivery: Delivery;
	readonly directory: Directory;
}

/** Does what is noted, for some accounts or for all. Rejects where delivery does: the rest stays noted. */
export async function runDeliveryTasks(context: TaskContext, accounts?: readonly AccountId[]): Promise<void> {
	let query = context.records.selectFrom("delivery_task").selectAll();
	if (accounts !== undefined) query = query.where("account_id", "in", accounts);
	const tasks = await query.execute();
	for (const task of tasks.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))) {
		await run(context, task);
		await context.records
			.deleteFrom("delivery_task")
			.where("account_id", "=", task.account_id)
			.where("kind", "=", task.kind)
			.where("device_id", "=", task.device_id)
			.execute();
	}
}

async function run(context: TaskContext, { account_id: account, kind, device_id }: DeliveryTaskTable): Promise<void> {
	const { delivery } = context;
	const device = device_id as DeviceId;
	switch (kind) {
		case "open-device-log":
			return delivery.openDeviceLog(account, device);
		case "announce-device-list":
			return announce(context, account);
		case "account-changed": {
			const own = (await context.directory.devicesOf(account)).map((listed) => listed.device);
			return delivery.notifyDevices(own, EntryKind.ACCOUNT_CHANGED, new Uint8Array());
		}
		case "device-unlinked":
			return announceUnlinked(context, account, device);
		case "drop-device":
			return delivery.dropDevices(account, [device]);
	}
}

async function announceUnlinked(
	{ records, delivery, directory }: TaskContext,
	account: AccountId,
	device: DeviceId,
): Promise<void> {
	const row = await records
		.selectFrom("device")
		.select("removed_at_ms")
		.where("device_id", "=", device)
		.executeTakeFirst();
	const payload = create(DeviceIdlePayloadSchema, {
		deviceId: idBytes(device),
		unlinksAtMs: BigInt(row?.removed_at_ms ?? 0),
		unlinked: true,
	});
	const own = (await directory.devicesOf(account)).map((listed) => listed.device);
	await delivery.notifyDevices(own, EntryKind.DEVICE_IDLE, toBinary(DeviceIdlePayloadSchema, payload));
}

/** Everybody who shares a conversation with the account gets its present list, and so do its own devices. */
async function announce({ records, delivery, directory }: TaskContext, account: AccountId): Promise<void> {
	const row = await records
		.selectFrom("account")
		.select(["list_statement", "list_signature"])
		.where("account_id", "=", account)
		.executeTakeFirst();
	if (row === undefined) return;
	const signed = create(SignedSchema, { statement: row.list_statement, signature: row.list_signature });
	const payload = create(DeviceListPayloadSchema, { signedDeviceList: toBinary(SignedSchema, signed) });
	const contacts = await delivery.contactsOf(account);
	const own = (await directory.devicesOf(account)).map(({ device }) => device);
	const devices = new Set([...own, ...[...contacts.values()].flatMap((theirs) => [...theirs])]);
	await delivery.notifyDevices(devices, EntryKind.DEVICE_LIST, toBinary(DeviceListPayloadSchema, payload));
}
