/** A recipient's answer counts when its own log proves it, and only for what it is about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { ItemOutcome, ItemReceiptSchema } from "@troth/protocol";
import { startWorld, type TestWorld, told } from "../_door.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";
const DAY_MS = 24 * 3600 * 1000;

test("an answer that proves nothing does not count, whatever is wrong with it; the honest one does", async () => {
	const lies: readonly NonNullable<TestWorld["family"]["tamper"]>[] = [
		(answer) => ({ ...answer, outcome: ItemOutcome.DROPPED }),
		(answer) => ({ ...answer, outcome: ItemOutcome.RECALLED }),
		() => create(ItemReceiptSchema, { outcome: ItemOutcome.KEPT }),
		() => create(ItemReceiptSchema, {}),
		// The proof of our own log, given back.
		(answer, item) =>
			create(ItemReceiptSchema, { outcome: answer.outcome, ...(item.share && { receipt: item.share }) }),
		(answer) => {
			if (answer.receipt !== undefined) answer.receipt.salt = new Uint8Array(32);
			return answer;
		},
	];
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	for (const [at, lie] of lies.entries()) {
		world.family.tamper = lie;
		await world.until(() => world.family.taken.length === at + 1);
		assert.deepEqual(told(await world.sharesOf(alice)), ["1 LOGGED"], `lie ${at}`);
	}
	world.family.tamper = undefined;
	await world.until(() => world.family.taken.length === lies.length + 1);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 ANSWERED KEPT"]);
	assert.equal(world.log.filter((line) => line.includes("receipt-invalid")).length, lies.length);
});

test("a receipt for bob's share is none for alice's", async () => {
	await using world = await startWorld({ members: [ALICE, BOB] });
	const alice = await world.records.register(ALICE);
	const bob = await world.records.register(BOB);
	let bobs: Parameters<NonNullable<TestWorld["family"]["tamper"]>>[0] | undefined;
	world.family.tamper = (answer) => {
		bobs ??= answer;
		return bobs;
	};
	await bob.allow("relevant_ads");
	await world.tick();
	await alice.allow("relevant_ads");
	await world.tick();
	assert.deepEqual(told(await world.sharesOf(bob)), ["1 ANSWERED KEPT"]);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 LOGGED"]);
});

test("what a recipient refuses is not sent again, and the person can see it", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	world.family.tamper = () => create(ItemReceiptSchema, { outcome: ItemOutcome.REFUSED, reason: "not with us" });
	await alice.allow("relevant_ads");
	await world.tick();
	world.clock.advance(DAY_MS);
	await world.tick();
	assert.equal(world.family.taken.length, 1);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 ANSWERED REFUSED"]);
});
