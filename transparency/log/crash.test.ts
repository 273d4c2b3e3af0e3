/** A log loses power in the middle of anything, or its disk fails: it never says two things about one size. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { toHex } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { NOW, openLog, SHARE_LOG, seedOf, temporaryDirectory, witnessOf } from "../_logs.ts";
import { someLeaves } from "../_trees.ts";
import { openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { cosigner } from "../cosignature/cosignature.ts";
import { leafHash } from "../merkle/hash.ts";
import { verifyInclusion } from "../merkle/verify.ts";
import { parseVerifierKey } from "../note/verifier-key.ts";
import { parseProof } from "../proof/tlog-proof.ts";
import { CosignedCheckpoints } from "../witness/cosigned.node.ts";
import { ForgetfulDisk } from "./_forgetful-disk.ts";
import { type Published, TileLog, TileLogError } from "./tile-log.node.ts";

const WITNESS = cosigner("witness.example", seedOf(5));

/** Somebody who reads everything that leaves the process, and a witness that is asked there. */
class Outside {
	/** Root by size, of every checkpoint that was shown to anybody. */
	readonly heads = new Map<number, string>();
	readonly #witness: CosignedCheckpoints;

	private constructor(witness: CosignedCheckpoints) {
		this.#witness = witness;
	}

	static async open(): Promise<Outside> {
		const keys = [parseVerifierKey(SHARE_LOG.vkey)];
		return new Outside(await CosignedCheckpoints.open("/witness", WITNESS, keys, new ForgetfulDisk()));
	}

	get largest(): number {
		return Math.max(0, ...this.heads.keys());
	}

	saw(note: string): void {
		const { size, root } = openCheckpoint(note, { log: SHARE_LOG.vkey, witnesses: [], quorum: 0 });
		const known = this.heads.get(size);
		assert.ok(known === undefined || known === toHex(root), `two trees of ${size} leaves were signed`);
		this.heads.set(size, toHex(root));
	}

	/** The witness's HTTP surface without the sockets; it does not say what it saw last. */
	readonly fetch = async (url: unknown, request: RequestInit = {}): Promise<Response> => {
		if (request.method !== "POST") return new Response("", { status: 404 });
		assert.ok(String(url).endsWith("/add-checkpoint"));
		const body = String(request.body);
		this.saw(body.slice(body.indexOf("\n\n") + 2));
		const answer = await this.#witness.add(body, () => NOW);
		if (answer.kind === "cosigned") return new Response(answer.line);
		assert.notEqual(answer.status, 422, "the witness saw a fork");
		return new Response(`${answer.size ?? ""}\n`, { status: answer.status });
	};
}

const open = (disk: ForgetfulDisk, outside: Outside) =>
	TileLog.open({
		directory: "/log",
		signer: SHARE_LOG,
		witnesses: [{ url: "http://witness.example", vkey: WITNESS.vkey }],
		quorum: 1,
		clock: { now: () => NOW, after: () => ({ cancel() {} }) },
		fetch: outside.fetch as typeof fetch,
		fileSystem: disk,
	});

/** What is signed can be proved under, also before it is served; for a quorum the witnessed tree counts. */
function assertProves(log: TileLog, leaves: readonly Uint8Array[], quorum: boolean): void {
	const checkpoint = quorum ? log.witnessedCheckpoint : log.checkpoint;
	if (checkpoint === undefined) return;
	for (let index = 0; index < checkpoint.size; index += 1 + (index % 37)) {
		const proof = parseProof(log.proofOf(index, { quorum }) ?? "");
		const head = openCheckpoint(proof.checkpoint, { log: SHARE_LOG.vkey, witnesses: [], quorum: 0 });
		if (quorum || head.size === checkpoint.size) assert.equal(proof.checkpoint, checkpoint.note);
		else assert.equal(head.size, Math.max(checkpoint.size, log.signedSize));
		assert.ok(verifyInclusion(leafHash(leaves[index] ?? new Uint8Array()), index, proof.hashes, head));
	}
}

/** Publishes batch after batch until the disk has had enough. What it got is what somebody was told. */
async function publishUntilItFails(log: TileLog, leaves: readonly Uint8Array[], sizes: readonly number[]) {
	const published: Published[] = [];
	try {
		for (const size of sizes) {
			log.integrate(log.size, leaves.slice(log.size, log.size + size));
			published.push(await log.publish());
		}
	} catch (error) {
		assert.ok(error instanceof TileLogError && error.code === "WRITE_FAILED", String(error));
	}
	return published;
}

const history = fc.record({
	sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 200, max: 600 })), {
		minLength: 1,
		maxLength: 4,
	}),
	left: fc.integer({ min: 0, max: 120 }),
	luck: fc.infiniteStream(fc.boolean()),
});

test("after a power loss everything that was shown is there, and every later tree goes on from it", async () => {
	await fc.assert(
		fc.asyncProperty(history, history, async (first, second) => {
			const outside = await Outside.open();
			let disk = new ForgetfulDisk();
			let leaves: Uint8Array[] = [];
			for (const [life, { sizes, left, luck }] of [first, second].entries()) {
				const log = await open(disk, outside);
				assert.ok(log.size >= outside.largest, `${log.size} of ${outside.largest} leaves are left`);
				assertProves(log, leaves, false);
				assertProves(log, leaves, true);
				// Whoever brings the leaves forgot those that nobody was shown, and brings others.
				leaves = [...leaves.slice(0, log.size), ...someLeaves(3000, `life ${life}`)];
				log.integrate(0, leaves.slice(0, log.size));
				[disk.left, disk.dead] = [left, true];
				for (const { note } of await publishUntilItFails(log, leaves, sizes)) outside.saw(note);
				disk = disk.afterPowerLoss(() => luck.next().value ?? false);
			}
			const log = await open(disk, outside);
			assert.ok(log.size >= outside.largest, `${log.size} of ${outside.largest} leaves are left`);
			leaves = [...leaves.slice(0, log.size), ...someLeaves(600, "the last life")];
			log.integrate(log.size, leaves.slice(log.size));
			const last = await log.publish();
			outside.saw(last.note);
			assert.ok(last.quorum, "the witness takes it for the same log");
			assertProves(log, leaves, true);
		}),
		{ numRuns: rounds(15) },
	);
});

test("a disk that fails once costs a publication, and the next one makes up for it", async () => {
	// The second one fills a tile and begins the next.
	const [leaves, sizes] = [someLeaves(280), [250, 10]];
	let operations = Number.POSITIVE_INFINITY;
	for (let left = 0; left < operations; left++) {
		const outside = await Outside.open();
		const disk = new ForgetfulDisk();
		const log = await open(disk, outside);
		[disk.left, disk.operations] = [left, 0];
		const published = await publishUntilItFails(log, leaves, sizes);
		if (published.length === sizes.length) operations = disk.operations;
		for (const { note } of published) outside.saw(note);
		log.integrate(log.size, leaves.slice(log.size));
		outside.saw((await log.publish()).note);
		const again = await open(
			disk.afterPowerLoss(() => false),
			outside,
		);
		assert.equal(again.checkpoint?.size, leaves.length, `with operation ${left} failing`);
		assertProves(again, leaves, true);
	}
	assert.ok(operations > 30, `${operations} operations`);
});

const CHILD = join(import.meta.dirname, "_publishing-child.ts");

test("kill -9 again and again: what was published is there, and the witness never sees a fork", async () => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	await using witness = await witnessOf(memory.path, "witness.example");
	const heads = new Map<number, string>();
	for (let round = 0; round < rounds(3); round++) {
		const args = [CHILD, directory.path, witness.url, witness.vkey, `life ${round}`];
		const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
		const lines = createInterface({ input: child.stdout });
		let published = 0;
		lines.on("line", (line) => {
			const [size = "", root = "", quorum = ""] = line.split(" ");
			assert.ok((heads.get(Number(size)) ?? root) === root, `two trees of ${size} leaves`);
			assert.equal(quorum, "true", "the witness took it for the same log");
			heads.set(Number(size), root);
			// Not on the dot, so that it dies somewhere between two publications.
			if (++published === 3 + round * 5) setImmediate(() => child.kill("SIGKILL"));
		});
		const [[, signal]] = await Promise.all([once(child, "exit"), once(lines, "close")]);
		assert.equal(signal, "SIGKILL", "it ran until it was killed");
		await using log = await openLog(directory.path);
		assert.ok(log.size >= Math.max(...heads.keys()));
		assert.ok(log.proofOf(0, { quorum: false }) !== undefined);
	}
});
