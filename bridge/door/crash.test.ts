/** The door is killed at any moment, again and again: nothing is lost, nothing stands twice in the log, nothing forks. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { type Share, ShareState, SystemClock, toHex } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import {
	commitment,
	decodeEntryBundle,
	leafOf,
	openCheckpoint,
	openShareProof,
	TILE_WIDTH,
	tileAt,
	tilePath,
} from "@troth/transparency";
import { naiveRoot } from "@troth/transparency/_trees.ts";
import { listShares } from "./_door.ts";
import { openTestRecords, type Person } from "./_people.ts";
import { TestRecipient } from "./_recipient.ts";
import { type Door, type DoorOptions, doorKeys, startDoor } from "./index.ts";

const ALICE = "+15550100001";
const ROWS_PER_LIFE = 8;
const LIVES = rounds(4);

/** After what a door dies: in the middle of publishing, of noting answers, or of its first reading. */
const DEATHS = ["batch-written", "answered", "door-started"] as const;

async function liveUntil(event: (typeof DEATHS)[number], options: object): Promise<void> {
	const child = spawn(process.execPath, [join(import.meta.dirname, "_door-child.ts"), JSON.stringify(options)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const exit = once(child, "exit");
	for await (const line of createInterface({ input: child.stdout })) if (line.includes(`"${event}"`)) break;
	// Somewhere in what it does next.
	const clock = new SystemClock();
	await new Promise<void>((resolve) => void clock.after(randomInt(12), resolve));
	child.kill("SIGKILL");
	await exit;
}

test(`a door that is killed ${LIVES} times`, async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-crash-"));
	try {
		await using undo = new AsyncDisposableStack();
		const clock = new SystemClock();
		const path = join(directory, "records.sqlite");
		const records = undo.use(await openTestRecords(path, clock));
		const inside = join(directory, "door");
		const { vkey } = await doorKeys(inside, "troth.example/shares");
		const trust = { log: vkey, witnesses: [], quorum: 0 };
		const policyKey = records.policyKey.publicKey;
		const shared = { clock, directory, policyKey, shareLog: trust, token: "family", members: new Set([ALICE]) };
		const family = undo.use(await TestRecipient.start({ ...shared, id: "family" }));
		const receipts = { log: family.vkey, witnesses: [], quorum: 0 };
		const options = {
			directory: inside,
			records: { kind: "sqlite", path },
			logName: "troth.example/shares",
			token: "messenger",
			recipients: [{ id: "family", url: family.url, token: "family", receipts }],
			witnesses: [],
			quorum: 0,
		} as const satisfies Omit<DoorOptions, "clock" | "policyKey">;

		const alice = await records.register(ALICE);
		await alice.allow("relevant_ads");
		const again = { account_id: alice.account, kind: "share", purpose: "relevant_ads", recipient: "family" } as const;
		const seen = new Map<number, string>();
		for (let life = 0; life < LIVES; life++) {
			await records.db
				.insertInto("share_outbox")
				.values(Array.from({ length: ROWS_PER_LIFE }, () => ({ ...again, generation: 1, created_at_ms: clock.now() })))
				.execute();
			const death = DEATHS[life % DEATHS.length] ?? "answered";
			await liveUntil(death, { ...options, policyKey: toHex(policyKey) });
			const note = await readFile(join(inside, "share-log", "checkpoint"), "utf8").catch(() => undefined);
			if (note === undefined) continue;
			const { size, root } = openCheckpoint(note, trust);
			assert.equal(seen.get(size) ?? toHex(root), toHex(root), "two trees of one size");
			seen.set(size, toHex(root));
		}

		const door = undo.use(await startDoor({ ...options, clock, policyKey, log: () => {} }));
		const rows = 1 + LIVES * ROWS_PER_LIFE;
		const shares = await whenAnswered(door, alice, rows);
		assert.deepEqual(
			shares.map(({ n }) => n),
			Array.from({ length: rows }, (_, at) => at + 1),
			"each row of the outbox is one record, and the chain has no hole",
		);
		const leaves = await publicLeaves(door);
		const found = new Map(leaves.map((leaf, index) => [toHex(leaf), index]));
		assert.equal(found.size, leaves.length, "no leaf stands twice");
		for (const { share } of shares) {
			assert.ok(share !== undefined);
			const leaf = toHex(leafOf(commitment(share.salt, share.record), share.chain, share.context));
			assert.equal(found.get(leaf), openShareProof(share, trust).index);
		}
		assert.ok(seen.size > 0, "it did publish between its deaths");
		for (const [size, root] of seen) assert.equal(toHex(naiveRoot(leaves.slice(0, size))), root, `the tree of ${size}`);
	} finally {
		await rm(directory, { recursive: true });
	}
});

/** All shares of the person, once each has its answer. */
async function whenAnswered(door: Door, person: Person, rows: number): Promise<readonly Share[]> {
	for (;;) {
		await door.tick();
		const shares: Share[] = [];
		for (let more = true; more; ) {
			const page = await listShares(door.url, "messenger", person, shares.at(-1)?.n ?? 0);
			shares.push(...page);
			more = page.length > 0;
		}
		if (shares.length >= rows && shares.every(({ state }) => state === ShareState.ANSWERED)) return shares;
		const clock = new SystemClock();
		await new Promise<void>((resolve) => void clock.after(100, resolve));
	}
}

/** Every leaf as anybody may read it. */
async function publicLeaves(door: Door): Promise<readonly Uint8Array[]> {
	const note = await (await fetch(`${door.url}/checkpoint`)).text();
	const { size } = openCheckpoint(note, { log: door.vkey, witnesses: [], quorum: 0 });
	const leaves: Uint8Array[] = [];
	while (leaves.length < size) {
		const address = tileAt(size, "entries", leaves.length / TILE_WIDTH);
		assert.ok(address !== undefined);
		const response = await fetch(`${door.url}/${tilePath(address)}`);
		leaves.push(...decodeEntryBundle(new Uint8Array(await response.arrayBuffer())));
	}
	return leaves;
}
