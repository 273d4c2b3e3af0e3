/** What happens when a part of the way is down, late or wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "@troth/protocol";
import { subjectAt } from "@troth/transparency";
import { gotBy, startWorld, told } from "../_door.ts";
import { backoffMs } from "./backoff.ts";
import { ITEMS_PER_REQUEST } from "./queue.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";
const HOUR_MS = 3600 * 1000;

test("a recipient that is down for three days gets everything when it is back, also after a restart of the door", async () => {
	await using world = await startWorld({ members: [ALICE, BOB] });
	const alice = await world.records.register(ALICE);
	const bob = await world.records.register(BOB);
	await alice.allow("friend_suggestions");
	await world.tick();
	await world.family.goAway();
	await bob.allow("friend_suggestions");
	await alice.refuse("friend_suggestions");
	for (let hour = 0; hour < 72; hour += 6) {
		world.clock.advance(6 * HOUR_MS);
		await world.door.tick();
	}
	await world.restart();
	await world.tick();
	assert.equal(world.photos.kept.size, 1, "the other one was served all the time");
	assert.equal(world.photos.taken.length, 3);
	await world.family.comeBack();
	await world.until(() => world.family.taken.length === 3);
	assert.deepEqual(gotBy(world.family).slice(1), [
		"recall friend_suggestions 1 recalled",
		"share friend_suggestions 1 kept phone_number",
	]);
	assert.deepEqual([...world.family.kept.values()], [{ phone_number: BOB }]);
});

test("the waiting grows to a minute and no further", () => {
	const waits = Array.from({ length: 10 }, (_, at) => backoffMs(at + 1));
	assert.deepEqual(waits.slice(0, 4), [1_000, 2_000, 4_000, 8_000]);
	assert.equal(waits.at(-1), 60_000);
	assert.equal(backoffMs(5_000), 60_000);
});

test("without the witness shares wait and recalls go; with it again the shares go too", async () => {
	await using world = await startWorld({ members: [ALICE, BOB], witnessed: true });
	const alice = await world.records.register(ALICE);
	const bob = await world.records.register(BOB);
	await alice.allow("relevant_ads");
	await world.tick();
	await world.witness?.goAway();
	await bob.allow("relevant_ads");
	await world.tick();
	await alice.refuse("relevant_ads");
	await world.tick();
	assert.deepEqual(gotBy(world.family), ["share relevant_ads 1 kept phone_number", "recall relevant_ads 1 recalled"]);
	assert.deepEqual(told(await world.sharesOf(bob)), ["1 LOGGED"], "bob can see that it waits");
	await world.witness?.comeBack();
	await world.until(() => world.family.taken.length === 3);
	assert.deepEqual([...world.family.kept.values()], [{ phone_number: BOB }]);
});

test("a share that waits is never sent once it is taken back, and says so of itself", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	await world.witness?.goAway();
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	await alice.refuse("relevant_ads");
	await world.tick();
	await world.witness?.comeBack();
	await world.until(() => world.log.some((line) => line.includes('"withheld"')));
	assert.deepEqual(gotBy(world.family), ["recall relevant_ads 1 recalled"]);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 WITHHELD", "2 ANSWERED RECALLED"]);
	// Given again, it is another share; the first one stays where it is.
	await alice.allow("relevant_ads");
	await world.until(() => world.family.kept.size === 1);
	assert.deepEqual(told(await world.sharesOf(alice)).slice(2), ["3 ANSWERED KEPT"]);
});

test("a share whose answer was lost is not sent again after the consent ended: it was overtaken, and is recalled", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	world.family.tamper = () => {
		throw new Error("the connection breaks before the answer");
	};
	await alice.allow("relevant_ads");
	await world.tick();
	assert.equal(world.family.kept.size, 1, "it did arrive");
	world.family.tamper = undefined;
	await alice.refuse("relevant_ads");
	await world.until(() => world.family.kept.size === 0);
	await world.tick();
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 OVERTAKEN", "2 ANSWERED RECALLED"]);
	assert.equal(world.family.taken.length, 2);
});

test("taking back needs nothing of the messenger: not its policy, not its records", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	await world.family.goAway();
	await alice.refuse("relevant_ads");
	await world.tick();
	// Policies, choices and keys are unreadable from here on.
	for (const table of ["terms_version", "standing", "share_key"] as const)
		await world.records.db.schema.dropTable(table).execute();
	await world.restart();
	await world.family.comeBack();
	await world.until(() => world.family.kept.size === 0);
	assert.deepEqual(gotBy(world.family).at(-1), "recall relevant_ads 1 recalled");
	assert.ok(world.log.some((line) => line.includes('"job":"policies"')));
});

test("a share that comes after its recall is dropped as stale, and the person is told", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	// The recipient remembers a recall; the messenger's records are from a backup that does not.
	world.family.recalledUpTo.set(`${toHex(subjectAt(alice.shareKey, "family"))}/relevant_ads`, 1);
	await alice.allow("relevant_ads");
	await world.tick();
	assert.equal(world.family.kept.size, 0);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 ANSWERED STALE"]);
});

test("a device is linked while a share waits: it goes once, with the fields that its record names", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	const alice = await world.records.register(ALICE);
	await world.witness?.goAway();
	await alice.allow("relevant_ads");
	await world.tick();
	await alice.allow("account_linking");
	await world.tick();
	await world.witness?.comeBack();
	await world.until(() => world.family.taken.length === 2);
	for (let second = 0; second < 3; second++) await world.tick();
	assert.deepEqual(gotBy(world.family).toSorted(), [
		"share account_linking 1 kept app_version,device_type,link_assertion,os",
		"share relevant_ads 1 kept device_type,os,phone_number",
	]);
	assert.deepEqual(told(await world.sharesOf(alice))[0], "1 WITHHELD");
});

test("a link is taken back while a share waits: a new record names fewer fields, and those go", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	const alice = await world.records.register(ALICE);
	await alice.allow("account_linking");
	await world.tick();
	await world.witness?.goAway();
	await alice.allow("relevant_ads");
	await world.tick();
	await alice.refuse("account_linking");
	await world.tick();
	await world.witness?.comeBack();
	await world.until(() => gotBy(world.family).at(-1) === "share relevant_ads 1 kept phone_number");
	assert.deepEqual(told(await world.sharesOf(alice)), [
		"1 ANSWERED KEPT",
		"2 WITHHELD",
		"3 ANSWERED RECALLED",
		"4 ANSWERED KEPT",
	]);
});

test("a long queue goes out in requests of bounded size, and a recall overtakes it", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	const bob = await world.records.register(BOB);
	await bob.allow("relevant_ads");
	await world.tick();
	await world.family.goAway();
	const waiting = ITEMS_PER_REQUEST + 30;
	const again = { account_id: bob.account, kind: "share", purpose: "relevant_ads", recipient: "family" } as const;
	await world.records.db
		.insertInto("share_outbox")
		.values(Array.from({ length: waiting }, () => ({ ...again, generation: 1, created_at_ms: world.clock.now() })))
		.execute();
	await world.tick();
	await alice.refuse("relevant_ads");
	await world.tick();
	await world.family.comeBack();
	await world.until(() => world.family.taken.length === 3 + waiting);
	assert.deepEqual(world.family.requests, [1, 1, ITEMS_PER_REQUEST, 31]);
	assert.equal(gotBy(world.family)[2], "recall relevant_ads 1 recalled");
	assert.equal(told(await world.sharesOf(bob)).length, 100, "and the list of them in pages");
});

test("the next request is made while the recipient works, and nothing of one person is in two of them", async () => {
	await using world = await startWorld({ members: [ALICE, BOB], witnessed: true });
	const people = [await world.records.register(ALICE), await world.records.register(BOB)] as const;
	for (const person of people) await person.allow("relevant_ads");
	await world.tick();
	const [alice, bob] = people;
	const before = world.family.taken.length;
	await world.witness?.goAway();
	const again = { kind: "share", purpose: "relevant_ads", recipient: "family", generation: 1 } as const;
	const askedBy = [...Array.from({ length: ITEMS_PER_REQUEST + 5 }, () => alice), bob];
	await world.records.db
		.insertInto("share_outbox")
		.values(askedBy.map(({ account }) => ({ ...again, account_id: account, created_at_ms: world.clock.now() })))
		.execute();
	await world.tick();
	const second = Promise.withResolvers<void>();
	let requests = 0;
	world.family.before = async () => {
		if (++requests === 2) second.resolve();
		// The first is not answered before the second has come.
		if (requests === 1) await second.promise;
	};
	await world.witness?.comeBack();
	await world.until(() => world.family.taken.length === before + askedBy.length);
	const sizes = world.family.requests.slice(-3);
	assert.deepEqual(
		sizes.toSorted((a, b) => a - b),
		[1, 5, ITEMS_PER_REQUEST],
	);
	assert.equal(sizes[0], 1, "bob's came in while alice's were worked on");
	assert.equal(sizes[2], 5, "and the rest of alice's after those before it");
});
