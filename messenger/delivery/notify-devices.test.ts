/** What the server tells many devices at once: those that are there, those that are away, and those that just come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EntryKind } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import type { LogStore, LogWrite } from "@troth/storage";
import { TestWorld } from "./_world.ts";

test("a device that comes while it is told hears of it, once", async () => {
	const written = Promise.withResolvers<void>();
	const writing = Promise.withResolvers<void>();
	const wrapLogs = (logs: LogStore) =>
		new Proxy(logs, {
			get(target, name: keyof LogStore) {
				if (name !== "write") return typeof target[name] === "function" ? target[name].bind(target) : target[name];
				return async (steps: readonly LogWrite[]) => {
					if (steps.some(({ kind }) => kind === "append")) {
						writing.resolve();
						await written.promise;
					}
					await target.write(steps);
				};
			},
		});
	await using world = await TestWorld.open({ store: "sqlite", wrapLogs, clock: new ManualClock() });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const devices = [alice.phone.device, bob.phone.device];
	const telling = world.delivery.notifyDevices(devices, EntryKind.TERMS_NOTICE, new Uint8Array([8, 2]));
	await writing.promise;
	// The clock stands still: no look round of its own brings it.
	const stream = await world.attach(alice);
	await stream.flush();
	assert.deepEqual(stream.entries, []);
	written.resolve();
	await telling;
	await stream.entriesOf(alice.phone.device, 1);
	await stream.flush();
	assert.equal(stream.entries.length, 1);
});

test("who has it already is left out when somebody goes on after a crash", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const devices = [alice.phone.device, bob.phone.device];
	const payload = new Uint8Array([8, 2]);
	const told = (some: typeof devices, unlessThere: boolean) =>
		world.delivery.notifyDevices(some, EntryKind.TERMS_NOTICE, payload, { unlessThere });
	await told([alice.phone.device], false);
	await told(devices, true);
	assert.deepEqual(await world.logs.heads(devices), new Map(devices.map((device) => [device, 1])));
	await told(devices, false);
	assert.deepEqual(await world.logs.heads(devices), new Map(devices.map((device) => [device, 2])));
});
