/** Something came back from a backup without the rest: the door would rather stand still than lose a recall or fork. */
import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { gotBy, startWorld, type TestWorld, told } from "./_door.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";

const checkpointOf = async (world: TestWorld) => (await fetch(`${world.door.url}/checkpoint`)).text();

test("messenger records from before what the door has read: it says so, and takes no new row for an old one", async () => {
	await using world = await startWorld({ members: [ALICE, BOB] });
	const alice = await world.records.register(ALICE);
	await alice.allow("friend_suggestions");
	await world.tick();
	await world.records.db.deleteFrom("share_outbox").execute();
	await world.tick();
	assert.ok(world.log.some((line) => line.includes("DoorStateError")));
});

test("records from a backup that have caught up in numbers since: nothing is taken, nothing is sent, and it stays so", async () => {
	await using world = await startWorld({ members: [ALICE, BOB] });
	const [alice, bob] = [await world.records.register(ALICE), await world.records.register(BOB)];
	await alice.allow("friend_suggestions");
	await world.tick();
	const tables = ["share_outbox", "consent_choice", "consent_grant"] as const;
	const backup = await Promise.all(tables.map((table) => world.records.db.selectFrom(table).selectAll().execute()));
	await alice.refuse("friend_suggestions");
	await world.tick();
	const published = await checkpointOf(world);
	const got = gotBy(world.family);
	await world.restart(async () => {
		for (const [n, table] of tables.entries()) {
			await world.records.db.deleteFrom(table).execute();
			await world.records.db
				.insertInto(table)
				.values(backup[n] as never)
				.execute();
		}
		await sql`update sqlite_sequence set seq = ${backup[0]?.at(-1)?.["id"]} where name = 'share_outbox'`.execute(
			world.records.db,
		);
		// As many rows as the door has read, and one more.
		await bob.allow("relevant_ads");
		await bob.refuse("relevant_ads");
		await bob.allow("relevant_ads");
	});
	for (let n = 0; n < 3; n++) await world.tick();
	assert.equal(await checkpointOf(world), published);
	assert.deepEqual(gotBy(world.family), got);
	assert.deepEqual(await world.checkRecords(), { behind: true });
	assert.ok(world.log.some((line) => line.includes("DoorStateError")));
});

test("choices from before the last yes that was recorded: the door does not begin, whatever the outbox says", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	await alice.allow("friend_suggestions");
	await alice.refuse("friend_suggestions");
	await alice.allow("friend_suggestions");
	await world.tick();
	assert.deepEqual(await world.checkRecords(), { behind: false });
	const got = gotBy(world.family);
	await world.restart(async () => {
		await world.records.db.updateTable("consent_choice").set({ generation: 1 }).execute();
		await alice.allow("relevant_ads");
	});
	await world.tick();
	assert.deepEqual(gotBy(world.family), got);
	assert.deepEqual(await world.checkRecords(), { behind: true });
	assert.ok(world.log.some((line) => line.includes("DoorStateError")));
	// The newer records come back, and everything goes on.
	await world.records.db
		.updateTable("consent_choice")
		.set({ generation: 2 })
		.where("purpose", "=", "friend_suggestions")
		.execute();
	await world.tick();
	assert.deepEqual(await world.checkRecords(), { behind: false });
	assert.ok(gotBy(world.family).length > got.length);
});

test("a store of the door from before what it published: nothing more is written, published or sent", async () => {
	await using world = await startWorld({ members: [ALICE, BOB] });
	const [alice, bob] = [await world.records.register(ALICE), await world.records.register(BOB)];
	const file = join(world.directory, "door", "door.sqlite");
	await world.restart(() => cp(file, `${file}.backup`));
	await alice.allow("relevant_ads");
	await world.tick();
	const published = await checkpointOf(world);
	await world.restart(() => cp(`${file}.backup`, file));
	await bob.allow("relevant_ads");
	await world.tick();
	await world.tick();
	assert.equal(await checkpointOf(world), published);
	assert.deepEqual(gotBy(world.family), ["share relevant_ads 1 kept phone_number"]);
	assert.deepEqual(await world.sharesOf(bob), []);
	assert.ok(world.log.some((line) => line.includes("DoorStateError")));
});

test("tiles that are lost are made again from the store, the same to the last byte", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	const published = await checkpointOf(world);
	await world.restart(() => rm(join(world.directory, "door", "share-log"), { recursive: true }));
	await world.tick();
	assert.equal(await checkpointOf(world), published);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 ANSWERED KEPT"]);
});
