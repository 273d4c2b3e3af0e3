/** A version reaches every device, whatever happens to the job on its way. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { type DeviceId, EntryKind, EntrySchema, SystemClock, TermsNoticePayloadSchema } from "@troth/protocol";
import { type OpenStores, openStores } from "../stores.ts";
import { makeCrowd, openCrowdDelivery } from "./_crowd.ts";
import { noteRollout } from "./note-rollout.ts";
import { TermsRollout } from "./rollout.ts";

const clock = new SystemClock();

/** How often the version stands in each of these devices' logs. */
async function noticesIn({ logs }: OpenStores, devices: readonly DeviceId[], version: number): Promise<number[]> {
	return Promise.all(
		devices.map(async (device) => {
			const entries = await logs.read(device, 0, { entries: 100, bytes: 1e6 });
			return entries.filter(({ kind, body }) => {
				const payload = fromBinary(EntrySchema, body).payload;
				return kind === EntryKind.TERMS_NOTICE && fromBinary(TermsNoticePayloadSchema, payload).version === version;
			}).length;
		}),
	);
}

async function announce({ records }: OpenStores, version: number): Promise<void> {
	await records.transaction().execute((transaction) => noteRollout(transaction as never, version, clock.now()));
}

test("a rollout that is killed again and again goes on where it was: everybody is told, and nobody twice", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-rollout-"));
	try {
		const at = { kind: "sqlite", directory } as const;
		let devices: readonly DeviceId[];
		{
			await using stores = await openStores(at);
			devices = await makeCrowd(stores, { accounts: 1000, nowMs: clock.now() });
			await announce(stores, 2);
		}
		// In the middle of a slice, and when all of it is told but not yet noted.
		for (const [life, share] of [0.5, 1].entries()) {
			const script = join(import.meta.dirname, "_rollout-child.ts");
			const child = spawn(process.execPath, [script, directory, "100", String(share)], {
				stdio: ["ignore", "pipe", "inherit"],
			});
			const exit = once(child, "exit");
			await once(child.stdout, "data");
			child.kill("SIGKILL");
			await exit;
			await using stores = await openStores(at);
			const { accounts } = await stores.records.selectFrom("terms_rollout").selectAll().executeTakeFirstOrThrow();
			const told = (await noticesIn(stores, devices, 2)).filter((times) => times > 0).length;
			assert.deepEqual([accounts, told], [200 * (life + 1), 200 * (life + 1) + 100 * share]);
		}
		await using stores = await openStores(at);
		const { delivery, events } = await openCrowdDelivery(stores, clock);
		await using _delivery = delivery;
		await using rollout = new TermsRollout({ clock, records: stores.records, delivery, events });
		await rollout.run();
		assert.deepEqual(new Set(await noticesIn(stores, devices, 2)), new Set([1]));
		const row = await stores.records.selectFrom("terms_rollout").selectAll().executeTakeFirstOrThrow();
		assert.deepEqual([row.accounts, row.devices, row.ended_at_ms === null], [1000, 1000, false]);
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("a version that is published while another one is on its way follows it", async () => {
	await using stores = await openStores({ kind: "memory" });
	const devices = await makeCrowd(stores, { accounts: 50, nowMs: clock.now() });
	const { delivery, events } = await openCrowdDelivery(stores, clock);
	await using _delivery = delivery;
	const { records } = stores;
	let failing = 1;
	const notifyDevices: typeof delivery.notifyDevices = async (...args) => {
		if (failing-- === 0) throw new Error("the disk is full");
		await delivery.notifyDevices(...args);
	};
	await using rollout = new TermsRollout({
		...{ clock, records, events, accountsAtOnce: 20 },
		delivery: { notifyDevices },
	});
	await announce(stores, 2);
	await assert.rejects(rollout.run(), /the disk is full/);
	await announce(stores, 3);
	await Promise.all([rollout.run(), rollout.run()]);
	for (const version of [2, 3])
		assert.deepEqual(new Set(await noticesIn(stores, devices, version)), new Set([1]), `version ${version}`);
});
