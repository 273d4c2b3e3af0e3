/** What nobody comes back to ends, after two warnings: never for who is merely away, and never for who came once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { AccountEndingPayloadSchema, AccountService, type DeviceId, EntryKind, ServicePhase } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import {
	logIn,
	refusalOf,
	registerAccount,
	startTestMessenger,
	type TestMessenger,
	type TestMessengerOptions,
} from "../_fixture.ts";
import { newDevice, signDeviceList } from "../_identities.ts";
import type { MessengerContext } from "../context.ts";
import { TestClient } from "../delivery/_client.ts";
import { DAY_MS, type Decider, fileOf, newDecider, OPERATOR, publish } from "../sharing/_person.ts";
import { type OpenStores, openStores } from "../stores.ts";
import { makeCrowd, openCrowdDelivery } from "./_crowd.ts";
import { ABSENT_ACCOUNTS_EVERY_MS, sweepAbsentAccounts } from "./absent-accounts.ts";

const [ALICE, BOB, CARLA] = ["+15550100001", "+15550100002", "+15550100003"] as const;

const settled = async () => {
	for (let n = 0; n < 100; n++) await new Promise((resolve) => setImmediate(resolve));
};

/** Time passes, and the account's job has run at its end. */
async function pass({ clock }: TestMessenger, ms: number): Promise<void> {
	clock.sleep(ms - ABSENT_ACCOUNTS_EVERY_MS);
	await settled();
	clock.advance(ABSENT_ACCOUNTS_EVERY_MS);
	await settled();
}

const warned = (messenger: TestMessenger) =>
	[1, 2].map((warning) => messenger.counters().get(`absence-warned{${warning}}`) ?? 0);

const ended = (messenger: TestMessenger) => messenger.counters().get("account-absent") ?? 0;

/** What lies in the own log of a device that comes back. */
async function warningsOf(messenger: TestMessenger, device: Decider["device"]) {
	const client = await TestClient.attach(messenger.url, device);
	await client.next("queueEmpty");
	await client.end();
	return client.entries
		.filter(({ kind }) => kind === EntryKind.ACCOUNT_ENDING)
		.map(({ payload }) => fromBinary(AccountEndingPayloadSchema, payload));
}

/** Alice and Bob did not answer version 2 in time; Carla accepted it. All three stay away from now on. */
async function town(settings: TestMessengerOptions<never>["settings"] = {}) {
	const messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR, ...settings } });
	const [alice, bob, carla] = [
		await newDecider(messenger, ALICE),
		await newDecider(messenger, BOB),
		await newDecider(messenger, CARLA),
	];
	await publish(messenger, await fileOf("opt-in"));
	for (const person of [alice, bob]) await person.showNotice();
	await carla.accept();
	return { messenger, alice, bob, carla, lastSeenMs: messenger.clock.now() };
}

test("suspended and away for 120 days she is deleted after two warnings; who came once, or accepted, is not", async () => {
	const { messenger, alice, bob, carla, lastSeenMs } = await town();
	await using _end = messenger;
	const laptop = newDevice();
	await messenger.client(AccountService, alice.token).publishDeviceList({
		deviceList: signDeviceList(alice.person.identity, alice.account, 2, [alice.person, laptop], 0),
	});
	await pass(messenger, 89 * DAY_MS);
	assert.deepEqual(warned(messenger), [0, 0]);
	await pass(messenger, DAY_MS);
	assert.deepEqual(warned(messenger), [2, 0], "alice and bob, 30 days before");

	// Bob only asks something, without a stream: he was here.
	await pass(messenger, 20 * DAY_MS);
	await bob.login();
	assert.equal((await bob.standing()).phase, ServicePhase.SUSPENDED);
	await pass(messenger, 3 * DAY_MS);
	assert.deepEqual(warned(messenger), [2, 1], "alice alone, 7 days before");
	await pass(messenger, 7 * DAY_MS - ABSENT_ACCOUNTS_EVERY_MS);
	assert.equal(ended(messenger), 0);
	await pass(messenger, ABSENT_ACCOUNTS_EVERY_MS);
	assert.equal(ended(messenger), 1);
	assert.equal(messenger.clock.now(), lastSeenMs + 120 * DAY_MS);
	for (const device of [alice.device, laptop])
		assert.equal((await refusalOf(logIn(messenger, device))).code, "DEVICE_REMOVED");
	await registerAccount(messenger, ALICE);

	// Bob finds what he was warned of, and has all of his time again.
	const [warning, ...more] = await warningsOf(messenger, bob.device);
	assert.deepEqual(
		[warning?.warning, Number(warning?.endsAtMs), Number(warning?.awaySinceMs), more.length],
		[1, lastSeenMs + 120 * DAY_MS, lastSeenMs, 0],
	);
	await pass(messenger, 89 * DAY_MS);
	assert.deepEqual(warned(messenger), [2, 1]);
	await pass(messenger, DAY_MS);
	assert.deepEqual(warned(messenger), [3, 1]);
	await bob.login();
	await bob.accept();
	await pass(messenger, 300 * DAY_MS);
	assert.deepEqual([warned(messenger), ended(messenger)], [[3, 1], 1]);
	for (const person of [bob, carla]) await person.login();
	assert.equal((await carla.standing()).phase, ServicePhase.ACTIVE, "away for as long, and never suspended");
});

test("an open stream is no absence, however old it is, and a server that keeps everybody warns nobody", async () => {
	const { messenger, alice } = await town();
	await using _end = messenger;
	const stream = await TestClient.attach(messenger.url, alice.device);
	await pass(messenger, 400 * DAY_MS);
	assert.deepEqual(warned(messenger), [1, 0], "bob");
	await stream.end();
	await using forEver = (await town({ absenceDays: 0 })).messenger;
	for (let n = 0; n < 3; n++) await pass(forEver, 100 * DAY_MS);
	assert.deepEqual([warned(forEver), ended(forEver)], [[0, 0], 0]);
});

interface Stage extends AsyncDisposable {
	readonly clock: ManualClock;
	readonly records: OpenStores["records"];
	readonly devices: readonly DeviceId[];
	/** Before anybody is told: may fail. */
	beforeTelling: () => void;
	/** When a device was seen, by how often that was asked. */
	seen: (asked: number) => number | undefined;
	sweep(): Promise<void>;
	/** How many warnings lie in each device's log. */
	warnings(): Promise<readonly number[]>;
}

/** People who were suspended a month after they were here last; two of them are looked at in one go. */
async function stage(people: number): Promise<Stage> {
	const clock = new ManualClock();
	const stores = await openStores({ kind: "memory" });
	const { records, logs } = stores;
	const nowMs = clock.now();
	const devices = await makeCrowd(stores, { accounts: people, nowMs, displayedAtMs: () => nowMs });
	const { delivery, events } = await openCrowdDelivery(stores, clock);
	let asked = 0;
	const made: Stage = {
		...{ clock, records, devices, beforeTelling: () => {}, seen: () => undefined },
		sweep() {
			asked = 0;
			const directory = { lastSeen: () => made.seen(++asked) };
			const telling = {
				attached: () => false,
				notifyDevices: async (...args: Parameters<typeof delivery.notifyDevices>) => {
					made.beforeTelling();
					return delivery.notifyDevices(...args);
				},
			};
			// All that finding, warning and the transaction of an end reach.
			const context = { clock, records, directory, delivery: telling, events, absenceDays: 120 };
			return sweepAbsentAccounts(context as unknown as MessengerContext, 2);
		},
		warnings: () =>
			Promise.all(
				devices.map(async (device) => {
					const entries = await logs.read(device, 0, { entries: 100, bytes: 1e6 });
					return entries.filter(({ kind }) => kind === EntryKind.ACCOUNT_ENDING).length;
				}),
			),
		async [Symbol.asyncDispose]() {
			await delivery[Symbol.asyncDispose]();
			await stores[Symbol.asyncDispose]();
		},
	};
	return made;
}

test("a run that fails anywhere is run again: nobody is left out, and who was warned is not warned anew", async () => {
	await using town = await stage(5);
	town.clock.sleep(90 * DAY_MS);
	for (const before of [0, 3, 4, 5]) {
		let told = await total(town);
		town.beforeTelling = () => {
			if (told++ === before) throw new Error("the disk is full");
		};
		if (before < 5) await assert.rejects(town.sweep(), /disk is full/);
		else await town.sweep();
		assert.equal(await total(town), before);
	}
	assert.deepEqual(await town.warnings(), [1, 1, 1, 1, 1]);
	await town.sweep();
	assert.equal(await total(town), 5);
});

const total = async (town: Stage) => (await town.warnings()).reduce((sum, count) => sum + count, 0);

test("who comes while their account is being ended keeps it", async () => {
	await using town = await stage(1);
	for (const days of [90, 23, 7]) {
		town.clock.sleep(days * DAY_MS);
		// The first two warnings go out; then she comes: before the records are read once more, and before they are written.
		for (const at of days === 7 ? [2, 3] : [Number.POSITIVE_INFINITY]) {
			town.seen = (asked) => (asked >= at ? town.clock.now() : undefined);
			await town.sweep();
		}
	}
	assert.deepEqual(await town.warnings(), [2]);
	// Or she accepts, a moment after the server looked.
	let accepting: Promise<unknown> | undefined;
	town.seen = () => {
		const free = { accepted_version: 2, notice_version: null, notice_displayed_at_ms: null, deadline_ms: null };
		accepting ??= town.records.updateTable("standing").set(free).execute();
		return undefined;
	};
	await town.sweep();
	await accepting;
	const { records } = town;
	assert.equal((await records.selectFrom("account").select("absence_warned_again_ms").execute()).length, 1);
	const removed = records.selectFrom("device").select("device_id").where("removed_at_ms", "is not", null);
	assert.deepEqual(await removed.execute(), []);
	town.seen = () => undefined;
	await town.sweep();
	const [{ absent_since_ms } = {}] = await records.selectFrom("account").select("absent_since_ms").execute();
	assert.equal(absent_since_ms, null, "what she was warned of is forgotten");
});
