/** A device's stock of key packages in the records. Each is handed out once; the last-resort one when none is left. */
import { type DeviceId, LIMITS } from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import type { Records } from "../records/schema.ts";
import type { CheckedKeyPackage } from "./key-package.ts";

/**
 * Adds packages behind those that are there. What was ever taken in is not taken in again, claimed or not: a repeat
 * changes nothing. Above the limit the oldest go: the device made new ones because it wants these used.
 */
export async function addToStock(
	transaction: Transaction<Records>,
	device: DeviceId,
	packages: readonly CheckedKeyPackage[],
): Promise<void> {
	if (packages.length === 0) return;
	const { last } = await transaction
		.selectFrom("key_package")
		.select(({ fn }) => fn.max("number").as("last"))
		.where("device_id", "=", device)
		.executeTakeFirstOrThrow();
	await transaction
		.insertInto("key_package")
		.values(
			packages.map(({ message, digest, expiresAtMs }, index) => ({
				device_id: device,
				number: (last ?? 0) + 1 + index,
				key_package_digest: digest,
				key_package: message,
				expires_at_ms: expiresAtMs,
			})),
		)
		.onConflict((conflict) => conflict.columns(["device_id", "key_package_digest"]).doNothing())
		.execute();
	const oldestKept = await transaction
		.selectFrom("key_package")
		.select("number")
		.where("device_id", "=", device)
		.where("key_package", "is not", null)
		.orderBy("number", "desc")
		.limit(1)
		.offset(LIMITS.keyPackagesPerDevice - 1)
		.executeTakeFirst();
	if (oldestKept === undefined) return;
	await transaction
		.updateTable("key_package")
		.set({ key_package: null })
		.where("device_id", "=", device)
		.where("number", "<", oldestKept.number)
		.execute();
}

/** Replaces the last-resort package; a repeat of the same one keeps what is known about its use. */
export async function setLastResort(
	transaction: Transaction<Records>,
	device: DeviceId,
	{ message, expiresAtMs }: CheckedKeyPackage,
): Promise<void> {
	await transaction
		.insertInto("last_resort_key_package")
		.values({ device_id: device, key_package: message, expires_at_ms: expiresAtMs, used_at_ms: null })
		.onConflict((conflict) =>
			conflict
				.column("device_id")
				.doUpdateSet({ key_package: message, expires_at_ms: expiresAtMs, used_at_ms: null })
				.where("last_resort_key_package.key_package", "!=", message),
		)
		.execute();
}

/** How many can still be claimed, the last-resort one not counted. */
export async function countStock(records: Kysely<Records>, device: DeviceId, nowMs: number): Promise<number> {
	const { available } = await records
		.selectFrom("key_package")
		.select(({ fn }) => fn.countAll<number>().as("available"))
		.where("device_id", "=", device)
		.where("key_package", "is not", null)
		.where("expires_at_ms", ">", nowMs)
		.executeTakeFirstOrThrow();
	return Number(available);
}

/**
 * Takes the oldest package, or lends the last-resort one and marks it as used. Undefined where there is neither.
 * The conditions of the updates, not the reads before them, see to it that two claims never get the same package.
 */
export async function takeFromStock(
	transaction: Transaction<Records>,
	device: DeviceId,
	nowMs: number,
): Promise<Uint8Array | undefined> {
	for (;;) {
		const oldest = await transaction
			.selectFrom("key_package")
			.select(["number", "key_package"])
			.where("device_id", "=", device)
			.where("key_package", "is not", null)
			.where("expires_at_ms", ">", nowMs)
			.orderBy("number")
			.limit(1)
			.executeTakeFirst();
		if (oldest === undefined || oldest.key_package === null) return lendLastResort(transaction, device, nowMs);
		const { numUpdatedRows } = await transaction
			.updateTable("key_package")
			.set({ key_package: null })
			.where("device_id", "=", device)
			.where("number", "=", oldest.number)
			.where("key_package", "is not", null)
			.executeTakeFirstOrThrow();
		if (numUpdatedRows === 1n) return oldest.key_package;
	}
}

async function lendLastResort(
	transaction: Transaction<Records>,
	device: DeviceId,
	nowMs: number,
): Promise<Uint8Array | undefined> {
	const row = await transaction
		.selectFrom("last_resort_key_package")
		.select(["key_package", "used_at_ms"])
		.where("device_id", "=", device)
		.where("expires_at_ms", ">", nowMs)
		.executeTakeFirst();
	if (row === undefined) return undefined;
	if (row.used_at_ms === null)
		await transaction
			.updateTable("last_resort_key_package")
			.set({ used_at_ms: nowMs })
			.where("device_id", "=", device)
			.execute();
	return row.key_package;
}
