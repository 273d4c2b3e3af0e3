/** Something came back from a backup without the rest: the door would rather stand still than lose a recall or fork. */
import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
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
