/** The bridge keeps its share log: leaves go in, witnesses look at it, people get proofs, and nothing is ever taken back. */
import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { openLog, StandingClock, seedOf, temporaryDirectory, witnessOf } from "../_logs.ts";
import { flipped, naiveRoot, someLeaves } from "../_trees.ts";
import { leafHash } from "../merkle/hash.ts";
import { ed25519NoteSigner } from "../note/ed25519.ts";
import { decodeEntryBundle } from "../tiles/entry-bundle.ts";
import { LEAVES, proves } from "./_leaves.ts";
import { readLogFile } from "./read-log-file.node.ts";
import { TileLogError } from "./tile-log.node.ts";
import type { TileLogErrorCode } from "./tile-log-error.ts";

const refusal = (code: TileLogErrorCode) => (error: unknown) => error instanceof TileLogError && error.code === code;

test("leaves that come in any steps, again or at once, make one tree", async () => {
	const steps = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 5 });
	await fc.assert(
		fc.asyncProperty(steps, fc.boolean(), async (sizes, reopens) => {
			await using directory = await temporaryDirectory();
			let log = await openLog(directory.path);
			for (const size of sizes) {
				const from = Math.max(0, log.size - (size % 50));
				log.integrate(from, LEAVES.slice(from, Math.min(LEAVES.length, log.size + size)));
				const { size: published, root } = await log.publish();
				assert.deepEqual([published, Buffer.from(root)], [log.size, Buffer.from(naiveRoot(LEAVES.slice(0, log.size)))]);
				for (let index = 0; index < published; index += 97) assert.equal(proves(log, index, false), published);
				if (!reopens) continue;
				await log[Symbol.asyncDispose]();
				log = await openLog(directory.path);
				assert.equal(log.size, published);
			}
			await log[Symbol.asyncDispose]();
		}),
		{ numRuns: rounds(8) },
	);
});

test("what is integrated while a checkpoint is published is in the next one", async () => {
	await using directory = await temporaryDirectory();
	await using log = await openLog(directory.path);
	log.integrate(0, LEAVES.slice(0, 300));
	const first = log.publish();
	await Promise.resolve();
	log.integrate(300, LEAVES.slice(300, 600));
	const second = log.publish();
	log.integrate(600, LEAVES.slice(600));
	const sizes = (await Promise.all([first, second, log.publish()])).map(({ size }) => size);
	assert.equal(sizes.at(-1), 1000);
	assert.deepEqual(
		[...sizes].sort((a, b) => a - b),
		sizes,
	);
	for (let index = 0; index < 1000; index += 111) proves(log, index, false);
});

test("a gap is refused, another leaf in a known place stops the log for good", async () => {
	await using directory = await temporaryDirectory();
	await using log = await openLog(directory.path);
	log.integrate(0, LEAVES.slice(0, 300));
	await log.publish();
	assert.throws(() => log.integrate(301, LEAVES.slice(301, 302)), refusal("GAP"));
	assert.throws(() => log.integrate(300, [new Uint8Array(65_536)]), refusal("LEAF_TOO_LONG"));
	log.integrate(100, LEAVES.slice(100, 310));
	assert.equal(log.size, 310);
	assert.throws(() => log.integrate(7, [Buffer.from("another one")]), refusal("FORK"));
	assert.throws(() => log.integrate(310, LEAVES.slice(310)), refusal("FORK"));
	await assert.rejects(log.publish(), refusal("FORK"));
	assert.equal(proves(log, 7, false), 300, "what was published can still be proved");
});

test("a log that lost its files signs nothing before it has caught up, and nothing else ever", async () => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	await using witness = await witnessOf(memory.path, "witness.example");
	const options = { witnesses: [witness], quorum: 1 };
	const backup = `${directory.path}/backup`;
	const inUse = `${directory.path}/log`;
	for (const size of [100, 400]) {
		await using log = await openLog(inUse, options);
		log.integrate(log.size, LEAVES.slice(log.size, size));
		await log.publish();
		await log[Symbol.asyncDispose]();
		if (size === 100) await cp(inUse, backup, { recursive: true });
	}
	await rm(inUse, { recursive: true });
	for (const restored of [backup, inUse]) {
		await using log = await openLog(restored, options);
		await assert.rejects(log.publish(), refusal("BEHIND"));
		log.integrate(log.size, LEAVES.slice(log.size, 399));
		await assert.rejects(log.publish(), refusal("BEHIND"));
		log.integrate(399, LEAVES.slice(399, 401));
		assert.deepEqual((await log.publish()).witnessed, ["witness.example"]);
		await rm(restored, { recursive: true });
		await mkdir(restored);
		await using other = await openLog(restored, options);
		other.integrate(0, someLeaves(500, "other"));
		await assert.rejects(other.publish(), refusal("FORK"));
		await assert.rejects(other.publish(), refusal("FORK"), "for good");
	}
});

test("files that are not whole, or of another log, are not opened", async () => {
	await using directory = await temporaryDirectory();
	const original = `${directory.path}/original`;
	{
		await using log = await openLog(original);
		log.integrate(0, LEAVES.slice(0, 300));
		await log.publish();
	}
	const mallory = ed25519NoteSigner("share.example", seedOf(9));
	await assert.rejects(openLog(original, { signer: mallory }), refusal("DAMAGED"));
	const damages: Record<string, (bytes: Buffer) => Uint8Array | undefined> = {
		signed: (bytes) => flipped(bytes, 8 * 20),
		checkpoint: (bytes) => bytes.subarray(10),
		"tile/0/001.p/44": (bytes) => flipped(bytes, 7),
		"tile/1/000.p/1": (bytes) => flipped(bytes, 7),
		"tile/entries/001.p/44": (bytes) => flipped(bytes, 8 * 4),
	};
	for (const [file, damage] of Object.entries(damages)) {
		for (const damaged of [damage, (bytes: Buffer) => bytes.subarray(0, -1), () => undefined]) {
			// Without its checkpoint it is a log that was signed and not published yet.
			if (file === "checkpoint" && damaged !== damage) continue;
			const copy = `${directory.path}/copy`;
			await cp(original, copy, { recursive: true });
			const changed = damaged(await readFile(join(copy, file)));
			if (changed === undefined) await rm(join(copy, file));
			else await writeFile(join(copy, file), changed);
			await assert.rejects(openLog(copy), refusal("DAMAGED"), file);
			await rm(copy, { recursive: true });
		}
	}
	// A full tile is read when it is needed, and held against the one above it.
	const tile = join(original, "tile/0/000");
	await writeFile(tile, flipped(await readFile(tile), 7));
	await using log = await openLog(original);
	assert.throws(() => log.proofOf(3, { quorum: false }), /not what the tile above says/);
});

test("a published log is what tlog-tiles says, and nothing else is given out", async () => {
	await using directory = await temporaryDirectory();
	await using log = await openLog(directory.path);
	const get = (path: string) => readLogFile(directory.path, path);
	assert.equal(await get("/checkpoint"), undefined, "nothing is published yet");
	log.integrate(0, LEAVES.slice(0, 200));
	await log.publish();
	assert.equal((await get("/tile/0/000.p/200"))?.body.length, 200 * 32);
	log.integrate(200, LEAVES.slice(200, 255));
	await log.publish();
	assert.equal((await get("/tile/0/000.p/200"))?.body.length, 200 * 32, "each checkpoint's tiles are kept");
	log.integrate(255, LEAVES.slice(255, 600));
	const { note } = await log.publish();

	const checkpoint = await get("/checkpoint");
	assert.equal(Buffer.from(checkpoint?.body ?? []).toString(), note);
	assert.equal(checkpoint?.headers["content-type"], "text/plain; charset=utf-8");
	assert.equal(checkpoint?.headers["cache-control"], "no-cache");
	const tile = await get("/tile/0/000");
	assert.deepEqual(Buffer.from(tile?.body ?? []), Buffer.concat(LEAVES.slice(0, 256).map(leafHash)));
	assert.equal(tile?.headers["content-type"], "application/octet-stream");
	assert.match(tile?.headers["cache-control"] ?? "", /immutable/);
	assert.equal((await get("/tile/1/000.p/2"))?.body.length, 2 * 32);
	assert.equal((await get("/tile/0/002.p/88"))?.body.length, 88 * 32);
	const bundle = await get("/tile/entries/002.p/88");
	assert.deepEqual(
		decodeEntryBundle(bundle?.body ?? new Uint8Array()).map((entry) => Buffer.from(entry)),
		LEAVES.slice(512, 600).map((leaf) => Buffer.from(leaf)),
	);
	assert.equal(await get("/tile/0/000.p/200"), undefined, "the full tile has replaced it");

	await writeFile(join(directory.path, "tile/0/003"), Buffer.alloc(8192));
	for (const path of [
		"/",
		"/signed",
		"/drafts",
		"/tile",
		"/tile/0",
		"/tile/0/",
		"/tile/0/000.p",
		"/tile/0/003",
		"/tile/2/000.p/1",
		"/tile/0/../../signed",
		"/tile/0/..%2f..%2fsigned",
		"/tile/entries/../../signed",
		"//checkpoint",
		"/checkpoint/",
		"/checkpoint?x",
		"checkpoint",
		"",
	])
		assert.equal(await get(path), undefined, path);
	await fc.assert(
		fc.asyncProperty(fc.string({ unit: fc.constantFrom(..."tile/0.p%2\0\\sgned ") }), async (path) => {
			const file = await get(path);
			assert.equal(file, undefined, path);
		}),
		{ numRuns: rounds(100) },
	);
});

test("a closed log takes nothing and signs nothing", async () => {
	await using directory = await temporaryDirectory();
	const log = await openLog(directory.path);
	log.integrate(0, LEAVES.slice(0, 5));
	const published = log.publish();
	await log[Symbol.asyncDispose]();
	await assert.rejects(published, refusal("CLOSED"));
	assert.throws(() => log.integrate(5, LEAVES.slice(5, 6)), refusal("CLOSED"));
	await assert.rejects(log.publish(), refusal("CLOSED"));
});

test("what is signed can be proved before any witness was asked, also after a restart; what is served is whole", async () => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	const clock = new StandingClock();
	await using witness = await witnessOf(memory.path, "witness.example", clock);
	const hung = Promise.withResolvers<Response>();
	let hangs = false;
	const asked = Promise.withResolvers<void>();
	const request: typeof fetch = (file, init) => {
		if (!hangs || init?.method !== "POST") return fetch(file, init);
		asked.resolve();
		return hung.promise;
	};
	const options = { witnesses: [witness], quorum: 1, clock, fetch: request };
	{
		await using log = await openLog(directory.path, options);
		log.integrate(0, LEAVES.slice(0, 10));
		await log.publish();
		hangs = true;
		log.integrate(10, LEAVES.slice(10, 300));
		const published = log.publish();
		await asked.promise;
		assert.deepEqual([log.signedSize, log.checkpoint?.size], [300, 10]);
		assert.equal(proves(log, 299, false), 300);
		// The next tree is signed while the one before it still waits, and takes nothing away from it.
		log.integrate(300, LEAVES.slice(300, 700));
		await log.sign();
		assert.equal(proves(log, 650, false), 700);
		hung.reject(new TypeError("fetch failed"));
		assert.equal((await published).size, 300);
		assert.equal((await readLogFile(directory.path, "/tile/0/001.p/44"))?.body.length, 44 * 32);
		assert.equal(proves(log, 5, true, [witness.vkey]), 10, "what witnesses saw is still what they saw");
	}
	hangs = false;
	await using log = await openLog(directory.path, options);
	assert.deepEqual([log.size, log.checkpoint?.size], [700, 300]);
	assert.ok((await log.publish()).quorum);
	assert.equal(proves(log, 650, true, [witness.vkey]), 700);
});
