/** What is worth waking somebody for whom nobody wrote to: that their account ends, each time they are warned. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { type AccountId, EntryKind } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { openStores } from "../stores.ts";
import { makeCrowd, openCrowdDelivery } from "../terms/_crowd.ts";
import { PushServices } from "./services.ts";
import { Vapid } from "./vapid.ts";
import { WakeUps } from "./wake-ups.ts";

const ENDPOINT = "https://push.troth.example/alice";

test("a device that was woken once is woken again for each warning, and by no other entry of its own log", async () => {
	const clock = new ManualClock();
	await using stores = await openStores({ kind: "memory" });
	const devices = await makeCrowd(stores, { accounts: 1, nowMs: clock.now() });
	const [device = assert.fail()] = devices;
	const { delivery, events } = await openCrowdDelivery(stores, clock);
	await using _delivery = delivery;
	let woken = 0;
	await using wakeUps = await WakeUps.open({
		...{ clock, records: stores.records, logs: stores.logs, events, fraction: () => 0 },
		directory: { blockedBy: async () => new Set<AccountId>() },
		vapid: new Vapid(randomBytes(32), "mailto:operator@troth.example", clock),
		services: new PushServices(["push.troth.example"]),
		post: async () => {
			woken++;
			return { kind: "answered", status: 201, retryAfter: undefined };
		},
	});
	const account = await stores.records.selectFrom("account").select("account_id").executeTakeFirstOrThrow();
	await wakeUps.subscribe(account.account_id, device, ENDPOINT);
	wakeUps.begin(() => false);
	const settled = async (expected: number) => {
		clock.advance(60_000);
		while (woken < expected) await new Promise((resolve) => setImmediate(resolve));
		for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve));
		return woken;
	};
	// More than is read of a log in one go.
	for (let n = 0; n < 300; n++)
		await delivery.notifyDevices(devices, EntryKind.TERMS_NOTICE, new Uint8Array([8, 2, 16, n % 100]));
	await wakeUps.wakeAgain(devices);
	assert.equal(await settled(0), 0);
	for (const times of [1, 2]) {
		await delivery.notifyDevices(devices, EntryKind.ACCOUNT_ENDING, new Uint8Array([8, times]));
		await wakeUps.wakeAgain(devices);
		assert.equal(await settled(times), times);
		assert.equal(await settled(times), times);
	}
});
