/** What becomes of a yes and of a no, from the messenger's records to a recipient and back to the person. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { toHex } from "@troth/protocol";
import { commitment, decodeEntryBundle, linkOf, openShareProof, saltOf, subjectAt } from "@troth/transparency";
import { gotBy, startWorld, type TestWorld, told } from "./_door.ts";
import { policyOf } from "./_people.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";
const DAY_MS = 24 * 3600 * 1000;

test("alice says yes: it arrives with a proof that verifies, and she can hold everything against her own key", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	assert.deepEqual(gotBy(world.family), ["share relevant_ads 1 kept phone_number"]);
	assert.deepEqual(gotBy(world.photos), [], "nobody else gets anything");
	assert.deepEqual(
		[...world.family.kept],
		[[`${toHex(subjectAt(alice.shareKey, "family"))}/relevant_ads`, { phone_number: ALICE }]],
	);

	const shares = await world.sharesOf(alice);
	assert.deepEqual(told(shares), ["1 ANSWERED KEPT"]);
	const [{ share, receipt } = {}] = shares;
	assert.ok(share !== undefined && receipt?.receipt !== undefined);
	const { record, leafHash } = openShareProof(share, world.trust);
	assert.deepEqual([record.kind, record.recipient, record.fields], ["share", "family", ["phone_number"]]);
	assert.equal(toHex(share.chain), toHex(linkOf(alice.shareKey, 1)));
	const answer = openShareProof(receipt.receipt, { log: world.family.vkey, witnesses: [], quorum: 0 });
	assert.equal(answer.record.answers, toHex(leafHash));
	assert.ok(!world.log.some((line) => line.includes(alice.account) || line.includes(ALICE)), "no log line names her");
});

test("in the log nobody without a key can tell alice from bob, one share from its repetition, or either from padding", async () => {
	await using world = await startWorld({ members: [ALICE, BOB] });
	const alice = await world.records.register(ALICE);
	const bob = await world.records.register(BOB);
	for (const person of [alice, alice, bob]) {
		await person.allow("friend_suggestions");
		await world.tick();
	}
	const bundle = await (await fetch(`${world.door.url}/tile/entries/000.p/48`)).arrayBuffer();
	const leaves = decodeEntryBundle(new Uint8Array(bundle)).map((leaf) => Buffer.from(leaf));
	assert.equal(leaves.length, 48, "three batches, each as long as any other");
	assert.equal(new Set(leaves.map((leaf) => leaf.subarray(65).toString("hex"))).size, 1, "one context on one day");
	const parts = leaves.flatMap((leaf) =>
		[leaf.subarray(1, 33), leaf.subarray(33, 65)].map((part) => part.toString("hex")),
	);
	assert.equal(new Set(parts).size, 2 * 48, "nothing is there twice, though alice shared the same thing twice");
	// Who knows everything but the key about alice finds nothing; she finds each of hers.
	const shares = await world.sharesOf(alice);
	assert.equal(shares.length, 4);
	for (const { n, share } of shares) {
		const record = share?.record ?? new Uint8Array();
		const digest = createHash("sha256").update(record).digest("hex");
		assert.ok(!parts.includes(digest));
		assert.ok(parts.includes(toHex(linkOf(alice.shareKey, n))));
		assert.ok(parts.includes(toHex(commitment(saltOf(alice.shareKey, n), record))));
	}
	// And two recipients can not put together what they know.
	const [atFamily = [], atPhotos = []] = [world.family, world.photos].map(({ kept }) => [...kept.keys()]);
	assert.equal(atFamily.length, 2);
	assert.ok(!atFamily.some((subject) => atPhotos.includes(subject)));
});

test("bob says no: nothing of him ever leaves, and there is nothing to take back", async () => {
	await using world = await startWorld({ members: [BOB] });
	const bob = await world.records.register(BOB);
	await bob.refuse("relevant_ads");
	await world.tick();
	await bob.leave();
	await world.tick();
	assert.deepEqual([world.family.requests, world.photos.requests], [[], []]);
	const checkpoint = await (await fetch(`${world.door.url}/checkpoint`)).text();
	assert.equal(checkpoint.split("\n")[1], "0", "not even a batch was written");
});

test("alice takes it back: the recall is acknowledged within five seconds, at each recipient", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	const alice = await world.records.register(ALICE);
	await alice.allow("friend_suggestions");
	await world.tick();
	assert.equal(world.family.kept.size + world.photos.kept.size, 2);
	await alice.refuse("friend_suggestions");
	for (let second = 0; second < 5; second++) await world.tick();
	for (const recipient of [world.family, world.photos]) {
		assert.deepEqual(gotBy(recipient).at(-1), "recall friend_suggestions 1 recalled");
		assert.equal(recipient.kept.size, 0);
	}
	const states = told(await world.sharesOf(alice));
	assert.deepEqual(states.slice(2), ["3 ANSWERED RECALLED", "4 ANSWERED RECALLED"]);
	await alice.allow("friend_suggestions");
	await world.tick();
	assert.deepEqual(gotBy(world.family).at(-1), "share friend_suggestions 2 kept phone_number");
});

test("a yes that was taken back before the door looked leaves no trace outside", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await alice.refuse("relevant_ads");
	await world.tick();
	assert.deepEqual(world.family.requests, []);
	assert.deepEqual(await world.sharesOf(alice), []);
	// Also where there is a chain already, of something else.
	await alice.allow("relevant_ads");
	await world.tick();
	await alice.allow("friend_suggestions");
	await alice.refuse("friend_suggestions");
	await world.tick();
	assert.deepEqual(gotBy(world.family), ["share relevant_ads 2 kept phone_number"]);
	assert.equal(world.log.filter((line) => line.includes("NOTHING_TO_RECALL")).length, 3);
});

test("after a link, what was shared before is shared again with the facts of the linked device", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	await alice.allow("account_linking");
	await world.tick();
	assert.deepEqual(gotBy(world.family), [
		"share relevant_ads 1 kept phone_number",
		"share account_linking 1 kept app_version,device_type,link_assertion,os",
		"share relevant_ads 1 kept device_type,os,phone_number",
	]);
});

test("an account that is deleted is recalled under the key that the door kept, and then forgotten for good", async () => {
	await using world = await startWorld({ members: [ALICE, BOB] });
	const alice = await world.records.register(ALICE);
	const bob = await world.records.register(BOB);
	for (const person of [alice, bob]) await person.allow("relevant_ads");
	await world.tick();
	await world.family.goAway();
	await alice.leave();
	for (let minute = 0; minute < 5; minute++) {
		world.clock.advance(60_000);
		await world.tick();
	}
	assert.equal(await keeps(world, alice.account), true, "the recall is still open");
	await world.family.comeBack();
	await world.until(() => gotBy(world.family).at(-1) === "recall relevant_ads 1 recalled");
	world.clock.advance(60_000);
	await world.tick();
	assert.equal(await keeps(world, alice.account), false);
	assert.equal(await keeps(world, Buffer.from(alice.shareKey).toString("latin1")), false);
	assert.equal(await keeps(world, bob.account), true, "bob is still here");
	assert.deepEqual(told(await world.sharesOf(bob)), ["1 ANSWERED KEPT"]);
});

async function keeps(world: TestWorld, text: string): Promise<boolean> {
	const directory = join(world.directory, "door");
	for (const name of await readdir(directory, { recursive: true, withFileTypes: true })) {
		if (!name.isFile()) continue;
		if ((await readFile(join(name.parentPath, name.name))).includes(Buffer.from(text, "latin1"))) return true;
	}
	return false;
}

test("under an opt-out policy a yes waits for the end of the embargo, through a restart, and a no ends the waiting", async () => {
	const optOut = policyOf(1, ({ purposes }) => ({
		model: "opt_out",
		regions: ["US"],
		acknowledgement: "The operator answers for it.",
		purposes: (purposes as { id: string }[]).map((purpose) =>
			purpose.id === "relevant_ads" ? { ...purpose, basis: "opt_out", initial: "on", embargoDays: 30 } : purpose,
		),
	}));
	await using world = await startWorld({ members: [ALICE, BOB], policy: optOut });
	const alice = await world.records.register(ALICE);
	const bob = await world.records.register(BOB);
	for (const person of [alice, bob]) await person.allow("relevant_ads");
	await world.tick();
	world.clock.advance(29 * DAY_MS);
	await world.restart();
	await world.tick();
	await bob.refuse("relevant_ads");
	await world.tick();
	assert.deepEqual(world.family.requests, []);
	world.clock.advance(DAY_MS);
	await world.tick();
	assert.deepEqual(gotBy(world.family), ["share relevant_ads 1 kept phone_number"]);
	assert.deepEqual([...world.family.kept.values()], [{ phone_number: ALICE }]);
	assert.deepEqual(await world.sharesOf(bob), []);
});

test("a new version in other words stops what was said yes to under the old ones, at the door, at once", async () => {
	await using world = await startWorld({ members: [ALICE, BOB] });
	const alice = await world.records.register(ALICE);
	const bob = await world.records.register(BOB);
	await alice.allow("relevant_ads");
	await world.tick();
	await world.family.goAway();
	await bob.allow("relevant_ads");
	await world.tick();
	await world.records.publish(
		policyOf(2, ({ purposes }) => ({
			purposes: (purposes as object[]).map((purpose) => ({ ...purpose, retentionDays: 365 })),
		})),
	);
	await world.family.comeBack();
	world.clock.advance(60_000);
	await world.tick();
	assert.deepEqual(gotBy(world.family), ["share relevant_ads 1 kept phone_number"]);
	assert.deepEqual(told(await world.sharesOf(bob)), ["1 WITHHELD"], "there was never anybody to hand it to");
	await alice.refuse("relevant_ads");
	await world.tick();
	assert.deepEqual(gotBy(world.family).at(-1), "recall relevant_ads 1 recalled");
});

test("a suspended person's shares stop; what was dropped goes when they accept", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	const alice = await world.records.register(ALICE);
	await world.records.publish(policyOf(2, () => ({ acknowledgement: "the same purposes in the same words" })));
	await alice.seeNotice();
	await world.witness?.goAway();
	await alice.allow("relevant_ads");
	await world.tick();
	world.clock.advance(31 * DAY_MS);
	await world.witness?.comeBack();
	await world.until(() => world.log.some((line) => line.includes("SUSPENDED")));
	assert.deepEqual(world.family.requests, []);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 WITHHELD"]);
	await alice.accept();
	await world.until(() => world.family.taken.length > 0);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 WITHHELD", "2 ANSWERED KEPT"]);
});

test("without the policy key's signature nothing flows, and what waits goes when the right one is there", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	const second = policyOf(2, () => ({ acknowledgement: "not signed by the operator" }));
	const row = { version: 2, policy: second.canonical, published_at_ms: world.clock.now() };
	await world.records.db
		.insertInto("terms_version")
		.values({ ...row, signature: new Uint8Array(64) })
		.execute();
	await alice.allow("relevant_ads");
	await world.tick();
	assert.deepEqual(world.family.requests, []);
	assert.ok(world.log.some((line) => line.includes("PolicyUnsigned")));
	await world.records.db.deleteFrom("terms_version").where("version", "=", 2).execute();
	await world.tick();
	assert.equal(world.family.kept.size, 1);
});
