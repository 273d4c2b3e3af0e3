/** A data directory is held against itself: what fits is said to fit, and each way in which it may not is found. */
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openLogs, StoreError } from "@troth/storage";
import { startWorld } from "../../bridge/door/_door.ts";
import { markRestored } from "./mark-restored.ts";
import { verifyData } from "./verify-data.ts";

/** A messenger's records and a bridge, stopped, with a share about each of two people. */
async function stopped(work: (dataDir: string) => Promise<void>): Promise<void> {
	const dataDir = await mkdtemp(join(tmpdir(), "troth-verify-"));
	try {
		await using world = await startWorld({ members: ["+15550100001"] });
		for (const phone of ["+15550100001", "+15550100002"])
			await (await world.records.register(phone)).allow("friend_suggestions");
		await world.until(() => world.family.taken.length === 2 && world.photos.taken.length === 2);
		await world.restart(async () => {
			await mkdir(join(dataDir, "messenger"));
			change(join(world.directory, "records.sqlite"), `vacuum into '${join(dataDir, "messenger", "records.sqlite")}'`);
			await cp(join(world.directory, "door"), join(dataDir, "bridge"), { recursive: true });
		});
		await work(dataDir);
	} finally {
		await rm(dataDir, { recursive: true });
	}
}

const wrong = (dataDir: string) => [...verifyData(dataDir)].filter(({ good }) => !good).map(({ what }) => what);

function change(path: string, statement: string): void {
	const db = new DatabaseSync(path);
	db.exec(statement);
	db.close();
}

test("what was copied while nothing ran fits together; what was changed since is found, each by its name", async () => {
	await stopped(async (dataDir) => {
		const records = join(dataDir, "messenger", "records.sqlite");
		const door = join(dataDir, "bridge", "door.sqlite");
		const checked = [...verifyData(dataDir)];
		assert.deepEqual(wrong(dataDir), []);
		// How many rounds the door made of it is a matter of moments.
		const note = /^the published tree of (\d+) leaves is the one of those stored \(\1\)$/.exec(
			checked.at(-1)?.note ?? "",
		);
		const leaves = Number(note?.[1]);
		assert.ok(leaves >= 16, checked.at(-1)?.note);
		assert.equal(checked.length, 5);

		change(records, "update consent_choice set generation = 0");
		assert.deepEqual(wrong(dataDir), ["generations of consent"]);
		change(records, "update consent_choice set generation = 1");
		change(door, "update position set outbox_id = outbox_id + 1");
		assert.deepEqual(wrong(dataDir), ["what the bridge has read of the messenger"]);
		change(door, "update position set outbox_id = outbox_id - 1");
		change(door, "update leaf set bytes = randomblob(97) where leaf_index = 7");
		assert.deepEqual(wrong(dataDir), ["the share log and its leaves"]);
		change(door, `delete from leaf where leaf_index = ${leaves - 1}`);
		assert.deepEqual(wrong(dataDir), ["the share log and its leaves"]);

		const file = await open(records, "r+");
		await file.write(Buffer.alloc(4096, 7), 0, 4096, 3 * 4096);
		await file.close();
		assert.ok(wrong(dataDir).includes(join("messenger", "records.sqlite")));
	});
});

test("a directory that came back is marked once nothing runs on it: another generation, and logs that wait", async () => {
	await stopped(async (dataDir) => {
		const path = join(dataDir, "messenger", "logs.sqlite");
		{
			await using logs = await openLogs({ kind: "sqlite", path });
			assert.equal(logs.generation, 1);
			assert.ok(wrong(dataDir).includes(join("messenger", "logs.sqlite")), "it is in use");
			await assert.rejects(markRestored(dataDir), StoreError);
		}
		const { generation, logs } = await markRestored(dataDir);
		assert.equal(generation, 2);
		assert.ok(logs.includes(join("bridge", "share-log")));
		await using reopened = await openLogs({ kind: "sqlite", path });
		assert.equal(reopened.generation, 2);
	});
});
