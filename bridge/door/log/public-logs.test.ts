/** What the door publishes beside its shares: the policies, and an index that shows whose chain ends where. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import {
	auditIndex,
	auditLog,
	bucketHas,
	bucketOf,
	linkOf,
	openBucket,
	openIndexHead,
	readPolicyLog,
} from "@troth/transparency";
import { gotBy, startWorld, type TestWorld } from "../_door.ts";
import { doorKeys } from "../index.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";
const SHARES = "troth.example/shares";

let n = 0;
const random = (below: number) => ++n % below;

async function audits(world: TestWorld, path: "" | "/policy" | "/index") {
	const keys = await doorKeys(join(world.directory, "door"), SHARES);
	const log = { "": keys.vkey, "/policy": keys.policyVkey, "/index": keys.indexVkey }[path];
	const trust = { ...world.trust, log };
	return { trust, audit: await auditLog({ url: world.door.url + path, trust, get: fetch, random }) };
}

const textOf = async (world: TestWorld, path: string) => (await fetch(world.door.url + path)).text();

/** Is there an entry at this place of the chain, as far as the index goes? */
async function isIndexed(world: TestWorld, shareKey: Uint8Array, place: number): Promise<boolean> {
	const { trust } = await audits(world, "/index");
	const { bits } = openIndexHead(await textOf(world, "/index/head"), trust, SHARES).entry;
	const value = linkOf(shareKey, place);
	const bucket = await textOf(world, `/index/bucket/${bits}/${bucketOf(value, bits)}`);
	return bucketHas(openBucket(bucket, trust, SHARES), value);
}

const shareKeyOf = async (world: TestWorld, account: string) => {
	const rows = await world.records.db.selectFrom("share_key").selectAll().execute();
	return rows.find(({ account_id }) => account_id === account)?.share_key ?? assert.fail("no share key");
};

test("every published version is in the policy log, in order, and a restored messenger can not take one back", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	await world.tick();
	const versions = await world.records.db.selectFrom("terms_version").selectAll().orderBy("version").execute();
	const { audit } = await audits(world, "/policy");
	assert.equal(audit.witnessed.length, 1);
	const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
	assert.deepEqual(
		readPolicyLog(audit.entries ?? []).map(({ version, hash }) => [version, hash]),
		versions.map(({ version, policy }) => [version, hashOf(policy)]),
	);
	await world.restart(async () => {
		await world.records.db.deleteFrom("terms_version").execute();
	});
	await world.tick();
	assert.ok(world.log.some((line) => line.includes('"policy log"') && line.includes("DoorStateError")));
	assert.equal((await audits(world, "/policy")).audit.checkpoint.size, versions.length);
});

test("a policy that the policy key did not sign is not logged", async () => {
	await using world = await startWorld({ members: [ALICE] });
	await world.tick();
	const [first] = await world.records.db.selectFrom("terms_version").selectAll().execute();
	const forged = { ...(first ?? assert.fail()), version: 9, signature: new Uint8Array(64) };
	await world.records.db.insertInto("terms_version").values(forged).execute();
	const before = (await audits(world, "/policy")).audit.checkpoint.size;
	await world.tick();
	assert.equal((await audits(world, "/policy")).audit.checkpoint.size, before);
});

test("alice's next link is not in the index before there is one, and is there after", async () => {
	await using world = await startWorld({ members: [ALICE, BOB], witnessed: true });
	await world.tick();
	const alice = await world.records.register(ALICE);
	const key = await shareKeyOf(world, alice.account);
	assert.equal(await isIndexed(world, key, 1), false);
	await alice.allow("relevant_ads");
	await world.tick();
	world.clock.advance(60_000);
	await world.tick();
	assert.deepEqual([await isIndexed(world, key, 1), await isIndexed(world, key, 2)], [true, false]);
	assert.equal((await fetch(`${world.door.url}/index/bucket/0/0`)).headers.get("access-control-allow-origin"), "*");
	for (const path of ["1/0", "0/1", "00/0", "0/-1", "x/0"])
		assert.equal((await fetch(`${world.door.url}/index/bucket/${path}`)).status, 404, path);
});

test("through hundreds of leaves, restarts and lost tiles the index is what an auditor makes of the leaves", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	const again = { account_id: alice.account, kind: "share", purpose: "relevant_ads", recipient: "family" } as const;
	const sizes: number[] = [];
	for (const rows of [90, 200, 300]) {
		const row = { ...again, generation: 1, created_at_ms: world.clock.now() };
		await world.records.db
			.insertInto("share_outbox")
			.values(Array.from({ length: rows }, () => row))
			.execute();
		await world.tick();
		world.clock.advance(60_000);
		await world.tick();
		if (rows === 200) {
			await world.restart(() => rm(join(world.directory, "door", "index-log"), { recursive: true }));
			await world.tick();
		}
		const entries = (await audits(world, "/index")).audit.entries ?? [];
		const leaves = (await audits(world, "")).audit.entries ?? [];
		const { newest } = auditIndex({ origin: SHARES, leaves, entries, random });
		sizes.push(newest?.size ?? -1);
	}
	assert.deepEqual(
		sizes,
		[...sizes].sort((a, b) => a - b),
	);
	assert.ok((sizes.at(-1) ?? 0) > 512, "there is more than one bucket");
	assert.equal(await isIndexed(world, await shareKeyOf(world, alice.account), 400), true);
	assert.equal(await isIndexed(world, await shareKeyOf(world, alice.account), 592), false);
});

test("an index whose entry no witness has seen is not given out in place of one that was seen", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	await world.tick();
	const before = await textOf(world, "/index/head");
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	await world.witness?.goAway();
	world.clock.advance(60_000);
	await world.tick();
	assert.equal(await textOf(world, "/index/head"), before);
	await world.witness?.comeBack();
	for (let minute = 0; minute < 2; minute++) {
		world.clock.advance(60_000);
		await world.tick();
	}
	assert.equal(
		openIndexHead(await textOf(world, "/index/head"), (await audits(world, "/index")).trust, SHARES).entry.size,
		16,
	);
});

test("a witness that hangs holds up no recall", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	assert.equal(world.family.taken.length, 1);
	await world.witness?.goAway();
	const port = Number(new URL(world.witness?.at.url ?? "").port);
	const stuck = createServer(() => {}).listen(port, "127.0.0.1");
	try {
		await alice.refuse("relevant_ads");
		world.clock.advance(1_000);
		// Nobody moves the clock: what waits for the witness waits for ever, and the recall is there all the same.
		const ticking = world.door.tick();
		const { promise, resolve } = Promise.withResolvers<void>();
		const look = () => (world.family.taken.length > 1 ? resolve() : void setImmediate(look));
		look();
		await promise;
		assert.deepEqual(gotBy(world.family).at(-1), "recall relevant_ads 1 recalled");
		stuck.close();
		stuck.closeAllConnections();
		await ticking;
	} finally {
		stuck.closeAllConnections();
		stuck.close();
	}
});

test("a door that was restored as a whole signs nothing before it is where witnesses saw it", async () => {
	await using world = await startWorld({ members: [ALICE, BOB], witnessed: true });
	const [alice, bob] = [await world.records.register(ALICE), await world.records.register(BOB)];
	await world.tick();
	const door = join(world.directory, "door");
	await world.restart(() => cp(door, `${door}.backup`, { recursive: true }));
	await alice.allow("relevant_ads");
	await world.tick();
	const published = await textOf(world, "/checkpoint");
	const restore = async () => {
		await rm(door, { recursive: true });
		await cp(`${door}.backup`, door, { recursive: true });
	};
	await world.restart(restore);
	await bob.allow("relevant_ads");
	await world.tick();
	await world.tick();
	assert.ok(world.log.some((line) => line.includes("TileLogError") || line.includes("BEHIND")));
	assert.equal(world.family.taken.length, 1, "nothing left under another history");

	// The witness is away, and the operator has said that it is a backup: it waits, however long.
	await world.witness?.goAway();
	await world.restart(async () => {
		await restore();
		await writeFile(join(door, "share-log", "restored"), "");
	});
	world.clock.advance(3600_000);
	await world.tick();
	assert.notEqual(await textOf(world, "/checkpoint"), published);
	assert.equal(world.family.taken.length, 1);
	assert.ok(world.log.some((line) => line.includes("UNCOMPARED") || line.includes("no witness has said")));
});
