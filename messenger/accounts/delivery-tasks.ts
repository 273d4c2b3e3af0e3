/**
 * What delivery has to do after an account's devices changed. The task is written in the same transaction as the
 * change and done after it; what a crash left over is done at the next start. Both kinds may be repeated.
 */
import type { AccountId, DeviceId } from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import type { Delivery } from "../context.ts";
import type { DeliveryTaskTable, Records } from "../records/schema.ts";

/** Notes the tasks inside the transaction that makes them necessary. */
export async function noteDeliveryTasks(
	transaction: Transaction<Records>,
	account: AccountId,
	kind: DeliveryTaskTable["kind"],
	devices: readonly DeviceId[],
): Promise<void> {
	if (devices.length === 0) return;
	await transaction
		.insertInto("delivery_task")
		.values(devices.map((device_id) => ({ device_id, kind, account_id: account })))
		.onConflict((conflict) => conflict.columns(["device_id", "kind"]).doNothing())
		.execute();
}

/** Does what is noted, for some accounts or for all. Rejects where delivery does: the rest stays noted. */
export async function runDeliveryTasks(
	{ records, delivery }: { readonly records: Kysely<Records>; readonly delivery: Delivery },
	accounts?: readonly AccountId[],
): Promise<void> {
	let query = records.selectFrom("delivery_task").selectAll();
	if (accounts !== undefined) query = query.where("account_id", "in", accounts);
	// A log is opened before it is dropped.
	for (const { account_id: account, device_id: device, kind } of await query.orderBy("kind", "desc").execute()) {
		if (kind === "open-device-log") await delivery.openDeviceLog(account, device);
		else await delivery.dropDevices(account, [device]);
		await records.deleteFrom("delivery_task").where("device_id", "=", device).where("kind", "=", kind).execute();
	}
}
