/** Only the messenger's records come back from an older backup: alice had taken her yes back since, and it has to hold. */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startMessenger } from "../../messenger/server.ts";
import { type Person, until } from "./_people.ts";
import { DOOR_TOKEN, type SharingWorld, startSharingWorld } from "./_sharing.ts";

const ALICE = "+15550106701";
const SETTINGS = { control: "switch", initiallyOn: false, place: "settings" } as const;

let town: SharingWorld;
let alice: Person;
let records: string;
let newer: string;

before(async () => {
	town = await startSharingWorld({ members: [ALICE] });
	await town.publish("opt-in");
	alice = await town.world.person("Alice", { phone: ALICE });
	await alice.device.decide([{ purpose: "relevant_ads", granted: true }], SETTINGS);
	await until("it is there", async () => {
		await town.door.tick();
		return town.family.kept.size === 1;
	});
	records = join(town.directory, "messenger", "records.sqlite");
	newer = join(town.directory, "newer.sqlite");
	await closed(() => cp(records, `${newer}.older`));
	await alice.device.caughtUp();
	await alice.device.decide([{ purpose: "relevant_ads", granted: false }], SETTINGS);
	await until("it is gone", async () => {
		await town.door.tick();
		return town.family.kept.size === 0;
	});
	await town.world.stop();
	await town.stopDoor();
	await cp(records, newer);
	await cp(`${newer}.older`, records);
	await town.startDoor();
});

after(async () => {
	await town?.[Symbol.asyncDispose]();
});

/** Nobody has the records open meanwhile, and all of them are in one file. */
async function closed(work: () => Promise<void>): Promise<void> {
	await town.world.stop();
	await town.stopDoor();
	await work();
	await town.startDoor();
	await town.world.start();
}

test("with its bridge there, the messenger refuses to start on them", async () => {
	await assert.rejects(town.world.start(), { name: "RecordsBehindError" });
	await assert.rejects(town.world.start(), { name: "RecordsBehindError" }, "and leaves nothing behind when it does");
});

test("with its bridge away it starts, asks until it answers, and is told to end; meanwhile nothing leaves", async () => {
	await town.stopDoor();
	const ended: string[] = [];
	const messenger = await startMessenger({
		clock: town.clock,
		stores: { kind: "sqlite", directory: join(town.directory, "messenger") },
		codes: { development: true, send: async () => {} },
		sharing: { door: { url: town.door.url, token: DOOR_TOKEN }, logs: [], witnesses: [], recipients: [] },
		onRecordsBehind: (error) => ended.push(error.name),
		log: () => {},
	});
	try {
		town.clock.advance(5_000);
		assert.deepEqual(ended, []);
		await town.startDoor();
		await until("it is told", () => {
			town.clock.advance(5_000);
			return ended.length > 0;
		});
		assert.deepEqual(ended, ["RecordsBehindError"]);
		await town.door.tick();
		assert.equal(town.family.kept.size, 0, "what was taken back stays away");
	} finally {
		await messenger[Symbol.asyncDispose]();
	}
});

test("when the newer records are back, it starts, and her no stands", async () => {
	await town.stopDoor();
	await cp(newer, records);
	await town.startDoor();
	await town.world.start();
	await alice.device.caughtUp();
	const [, ads] = (await alice.device.sharing()).choices;
	assert.deepEqual([ads?.purpose, ads?.state], ["relevant_ads", "withdrawn"]);
	await alice.device.decide([{ purpose: "relevant_ads", granted: true }], SETTINGS);
	await until("it is there", async () => {
		await town.door.tick();
		return town.family.kept.size === 1;
	});
});
