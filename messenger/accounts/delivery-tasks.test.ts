/** What delivery has to do for accounts is done, also when the server dies in between. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import {
	AccountService,
	DeviceListPayloadSchema,
	DeviceListSchema,
	EntryKind,
	EntrySchema,
	SignedSchema,
	toHex,
} from "@troth/protocol";
import type { LogStore } from "@troth/storage";
import { registerAccount, startTestMessenger, type TestAccount } from "../_fixture.ts";
import { newDevice, signDeviceList, type TestDevice } from "../_identities.ts";

const publish = (alice: TestAccount, version: number, devices: readonly TestDevice[]) =>
	alice
		.client(AccountService)
		.publishDeviceList({ deviceList: signDeviceList(alice.identity, alice.account, version, devices, 0) });

/** The device lists that lie in a device's own log: version and devices. */
async function listsIn(logs: LogStore, { device }: TestDevice) {
	const entries = await logs.read(device, 0, { entries: 100, bytes: 1e6 });
	return entries
		.filter(({ kind }) => kind === EntryKind.DEVICE_LIST)
		.map(({ body }) => {
			const { signedDeviceList } = fromBinary(DeviceListPayloadSchema, fromBinary(EntrySchema, body).payload);
			const list = fromBinary(DeviceListSchema, fromBinary(SignedSchema, signedDeviceList).statement);
			return [list.version, list.devices.map(({ deviceId }) => toHex(deviceId))];
		});
}

test("a new device has a log, and every device of the account finds the new list in its own", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, "+15550100001");
	const laptop = newDevice();
	await publish(alice, 2, [alice, laptop]);
	await publish(alice, 3, [alice]);
	await messenger.restart(async ({ logs, records }) => {
		const second = [2, [alice.device, laptop.device]];
		const third = [3, [alice.device]];
		assert.deepEqual(await listsIn(logs, alice), [second, third]);
		assert.deepEqual(await listsIn(logs, laptop), [second]);
		const [own] = (await logs.load(laptop.device))?.subscriptions ?? [];
		assert.notEqual(own?.until, undefined, "the laptop's subscription is over");
		assert.deepEqual(await records.selectFrom("delivery_task").selectAll().execute(), []);
	});
});

test("a server that died between the account and its log makes the log when it comes back", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, "+15550100001");
	const laptop = newDevice();
	await messenger.restart(async ({ logs, records }) => {
		assert.equal(await logs.load(laptop.device), undefined);
		// What is left behind when the process ends right after the transaction.
		await records
			.insertInto("delivery_task")
			.values([
				{ account_id: alice.account, kind: "open-device-log", device_id: laptop.device },
				{ account_id: alice.account, kind: "announce-device-list", device_id: "" },
			])
			.execute();
	});
	await messenger.restart(async ({ logs, records }) => {
		assert.notEqual(await logs.load(laptop.device), undefined);
		assert.deepEqual(await listsIn(logs, alice), [[1, [alice.device]]]);
		assert.deepEqual(await records.selectFrom("delivery_task").selectAll().execute(), []);
	});
});
