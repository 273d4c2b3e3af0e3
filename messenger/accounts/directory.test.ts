/** What the rest of the server asks about accounts: from memory, and true all the same. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { type AccountId, type DeviceId, type PhoneNumber, toHex } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { newDevice, newSigner } from "../_identities.ts";
import { type OpenStores, openStores } from "../stores.ts";
import { AccountDirectory } from "./directory.ts";

const newAccount = () => toHex(randomBytes(16)) as AccountId;

async function insertAccount({ records }: OpenStores, account: AccountId, device: DeviceId, key: Uint8Array) {
	await records
		.insertInto("account")
		.values({
			account_id: account,
			phone: "+15550100001" as PhoneNumber,
			identity_key: newSigner().publicKey,
			list_version: 1,
			list_statement: new Uint8Array(),
			list_signature: new Uint8Array(),
			created_at_ms: 0,
		})
		.execute();
	await records
		.insertInto("device")
		.values({
			device_id: device,
			account_id: account,
			signature_key: key,
			created_at_ms: 0,
			last_attached_ms: null,
			removed_at_ms: null,
		})
		.execute();
}

test("a device is known until it is removed, and then known as removed", async () => {
	await using stores = await openStores({ kind: "memory" });
	const directory = new AccountDirectory(stores.records, new ManualClock());
	const account = newAccount();
	const { device, signer } = newDevice();
	assert.equal(await directory.device(device), undefined);
	await insertAccount(stores, account, device, signer.publicKey);
	const known = await directory.device(device);
	assert.equal(known?.account, account);
	assert.deepEqual(new Uint8Array(known?.signatureKey ?? []), new Uint8Array(signer.publicKey));
	assert.deepEqual(
		(await directory.devicesOf(account)).map((listed) => listed.device),
		[device],
	);
	assert.deepEqual(await directory.devicesOf(newAccount()), []);

	await stores.records.updateTable("device").set({ removed_at_ms: 5 }).where("device_id", "=", device).execute();
	assert.notEqual(await directory.device(device), undefined, "it answers from memory");
	directory.devicesChanged(account, [device]);
	assert.equal(await directory.device(device), undefined);
	assert.equal((await directory.known(device))?.removed, true);
	assert.deepEqual(await directory.devicesOf(account), []);
});

test("who accepted something is served until the deadline of what they did not accept, to the millisecond", async () => {
	await using stores = await openStores({ kind: "memory" });
	const clock = new ManualClock();
	const directory = new AccountDirectory(stores.records, clock);
	const account = newAccount();
	assert.deepEqual(await directory.service(account), { open: false, code: "TERMS_NOT_ACCEPTED" });
	await stores.records.insertInto("standing").values({ account_id: account, time_ms: 0 }).execute();
	assert.deepEqual(await directory.service(account), { open: false, code: "TERMS_NOT_ACCEPTED" });
	const set = async (columns: { accepted_version?: number; deadline_ms?: number | null }) => {
		await stores.records.updateTable("standing").set(columns).where("account_id", "=", account).execute();
		directory.standingChanged(account);
	};
	await set({ accepted_version: 1 });
	assert.deepEqual(await directory.service(account), { open: true, untilMs: Number.POSITIVE_INFINITY });
	const deadline = clock.now() + 2;
	await set({ deadline_ms: deadline });
	clock.advance(1);
	assert.deepEqual(await directory.service(account), { open: true, untilMs: deadline });
	clock.advance(1);
	assert.deepEqual(await directory.service(account), { open: false, code: "SUSPENDED" });
	await set({ accepted_version: 2, deadline_ms: null });
	assert.deepEqual(await directory.service(account), { open: true, untilMs: Number.POSITIVE_INFINITY });
});

test("when a device was attached is known at once and written down later", async () => {
	await using stores = await openStores({ kind: "memory" });
	const clock = new ManualClock();
	const directory = new AccountDirectory(stores.records, clock);
	const { device, signer } = newDevice();
	await insertAccount(stores, newAccount(), device, signer.publicKey);
	directory.noteAttached(device);
	clock.advance(5);
	directory.noteAttached(device);
	assert.equal(directory.lastSeen(device), clock.now());
	await directory.flushSeen();
	const row = await stores.records.selectFrom("device").select("last_attached_ms").executeTakeFirstOrThrow();
	assert.equal(row.last_attached_ms, clock.now());
	assert.equal(directory.lastSeen(device), undefined);
});

test("many devices that come at once are written down each with its own time", async () => {
	await using stores = await openStores({ kind: "memory" });
	const clock = new ManualClock();
	const directory = new AccountDirectory(stores.records, clock);
	const account = newAccount();
	const first = newDevice();
	await insertAccount(stores, account, first.device, first.signer.publicKey);
	const row = await stores.records.selectFrom("device").selectAll().executeTakeFirstOrThrow();
	const devices = [first.device, ...Array.from({ length: 600 }, () => newDevice().device)];
	for (const device_id of devices.slice(1))
		await stores.records
			.insertInto("device")
			.values({ ...row, device_id })
			.execute();
	const times = new Map(
		devices.map((device) => {
			directory.noteAttached(device);
			const now = clock.now();
			clock.advance(1);
			return [device, now] as const;
		}),
	);
	await directory.flushSeen();
	const rows = await stores.records.selectFrom("device").select(["device_id", "last_attached_ms"]).execute();
	assert.deepEqual(new Map(rows.map((row) => [row.device_id, row.last_attached_ms])), times);
});
