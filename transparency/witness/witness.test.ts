/** A witness and the logs that ask it: what it cosigns, what it refuses, and what it remembers. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { NOW, SHARE_LOG, seedOf, temporaryDirectory, witnessOf } from "../_logs.ts";
import { readerOf, someLeaves } from "../_trees.ts";
import { formatCheckpoint } from "../checkpoint/checkpoint.ts";
import { openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { cosigner } from "../cosignature/cosignature.ts";
import { DISK, type FileSystem } from "../log/durable-files.node.ts";
import { consistencyProof, treeRoot } from "../merkle/tree.ts";
import { toBase64 } from "../note/base64.ts";
import { ed25519NoteSigner, type NoteSigner } from "../note/ed25519.ts";
import { formatNote } from "../note/signed-note.ts";
import { parseVerifierKey } from "../note/verifier-key.ts";
import { readSubmission } from "./add-checkpoint.ts";
import { CosignedCheckpoints } from "./cosigned.node.ts";
import { startWitness, type Witness, witnessKeys } from "./witness.node.ts";

const HONEST = readerOf(someLeaves(600));
const FORKED = readerOf(someLeaves(600, "forged"));

interface Asked {
	readonly old?: number;
	readonly size: number;
	readonly read?: typeof HONEST;
	readonly proofFrom?: number;
	readonly signer?: NoteSigner;
	readonly edit?: (body: string) => string;
}

/** What a log sends to go from one size to another. */
function requestOf({
	old = 0,
	size,
	read = HONEST,
	proofFrom = old,
	signer = SHARE_LOG,
	edit = (body) => body,
}: Asked) {
	const text = formatCheckpoint({ origin: signer.name, size, root: treeRoot(size, read) });
	const proof = proofFrom <= size ? consistencyProof(proofFrom, size, read) : [];
	const note = formatNote({ text, signatures: [signer.sign(text)] });
	return edit(`old ${old}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n${note}`);
}

async function ask(witness: Witness, asked: Asked) {
	const response = await fetch(`${witness.url}/add-checkpoint`, { method: "POST", body: requestOf(asked) });
	return { status: response.status, body: await response.text(), type: response.headers.get("content-type") };
}

const trusting = (witness: { readonly vkey: string }) => ({
	log: SHARE_LOG.vkey,
	witnesses: [witness.vkey],
	quorum: 1,
});

/** Opens the checkpoint that was asked about with the cosignature that came back. */
function cosigned(witness: { readonly vkey: string }, asked: Asked, answer: { readonly body: string }) {
	const body = requestOf(asked);
	return openCheckpoint(body.slice(body.indexOf("\n\n") + 2) + answer.body, trusting(witness));
}

test("a log grows from checkpoint to checkpoint, and each is cosigned with the time of the clock", async () => {
	await using directory = await temporaryDirectory();
	await using witness = await witnessOf(directory.path, "witness.example");
	for (const asked of [
		{ size: 0 },
		{ size: 1 },
		{ old: 1, size: 257 },
		{ old: 257, size: 257 },
		{ old: 257, size: 600 },
	]) {
		const answer = await ask(witness, asked);
		assert.equal(answer.status, 200, answer.body);
		assert.deepEqual(cosigned(witness, asked, answer).witnessed, [{ name: "witness.example", atMs: NOW }]);
	}
	assert.deepEqual(witnessKeys(seedOf("witness.example".length), "witness.example"), { vkey: witness.vkey });
});

test("what the specification refuses is refused as it says", async () => {
	await using directory = await temporaryDirectory();
	await using witness = await witnessOf(directory.path, "witness.example");
	assert.equal((await ask(witness, { size: 100 })).status, 200);
	const other = ed25519NoteSigner("other.example", seedOf(1));
	const mallory = ed25519NoteSigner("share.example", seedOf(9));
	const refused: readonly [status: number, what: string, asked: Asked][] = [
		[404, "an unknown log", { old: 100, size: 200, signer: other }],
		[403, "a log's name under another key", { old: 100, size: 200, signer: mallory }],
		[403, "a broken signature", { old: 100, size: 200, edit: (body) => body.replace(/\n200\n/, "\n201\n") }],
		[400, "an old size beyond the checkpoint's", { old: 101, size: 100 }],
		[409, "a log that forgot", { old: 0, size: 200 }],
		[409, "a smaller tree", { old: 50, size: 50 }],
		[409, "a log that is ahead of us", { old: 150, size: 200 }],
		[422, "another tree of the same size", { old: 100, size: 100, read: FORKED }],
		[422, "a larger tree with another past", { old: 100, size: 200, read: FORKED }],
		[422, "the proof of something else", { old: 100, size: 200, proofFrom: 99 }],
		[422, "no proof", { old: 100, size: 200, proofFrom: 0 }],
		[400, "no old size", { old: 100, size: 200, edit: (body) => body.replace("old 100\n", "") }],
		[400, "a size with a leading zero", { old: 100, size: 200, edit: (body) => body.replace("old 100", "old 0100") }],
		[400, "half a hash", { old: 100, size: 200, edit: (body) => body.replace("=\n", "\n") }],
		[400, "64 hashes", { size: 200, edit: (body) => body.replace("\n", `\n${`${toBase64(seedOf(7))}\n`.repeat(64)}`) }],
		[400, "no note", { old: 100, size: 200, edit: (body) => body.slice(0, body.indexOf("—")) }],
		[400, "far too much", { old: 100, size: 200, edit: (body) => body + "x".repeat(70_000) }],
	];
	for (const [status, what, asked] of refused) {
		const answer = await ask(witness, asked);
		assert.equal(answer.status, status, `${what}: ${answer.body}`);
		assert.ok(!answer.body.includes("—"), "no signature comes with a refusal");
		if (status === 409) assert.deepEqual([answer.body, answer.type], ["100\n", "text/x.tlog.size"], what);
	}
	assert.equal((await ask(witness, { old: 100, size: 200 })).status, 200, "and the log goes on");
});

test("an empty tree has no root of its own, and nothing is proved from nothing", async () => {
	await using directory = await temporaryDirectory();
	await using witness = await witnessOf(directory.path, "witness.example");
	const text = formatCheckpoint({ origin: "share.example", size: 0, root: seedOf(7) });
	const note = formatNote({ text, signatures: [SHARE_LOG.sign(text)] });
	const answer = await fetch(`${witness.url}/add-checkpoint`, { method: "POST", body: `old 0\n\n${note}` });
	assert.equal(answer.status, 422);
	const withProof = { size: 5, edit: (body: string) => body.replace("\n", `\n${toBase64(seedOf(7))}\n`) };
	assert.equal((await ask(witness, withProof)).status, 422);
});

test("a fork is refused after a restart, too, and the log's latest checkpoint is there for everybody", async () => {
	await using directory = await temporaryDirectory();
	const address = createHash("sha256").update("share.example").digest("hex");
	{
		await using witness = await witnessOf(directory.path, "witness.example");
		assert.equal((await fetch(`${witness.url}/${address}/checkpoint`)).status, 404);
		assert.equal((await ask(witness, { size: 300 })).status, 200);
	}
	await using witness = await witnessOf(directory.path, "witness.example");
	assert.equal((await ask(witness, { size: 300, read: FORKED })).status, 409);
	assert.equal((await ask(witness, { old: 300, size: 300, read: FORKED })).status, 422);
	const latest = await (await fetch(`${witness.url}/${address}/checkpoint`)).text();
	assert.equal(openCheckpoint(latest, trusting(witness)).size, 300);
	assert.equal((await fetch(`${witness.url}/${address}/checkpoint`, { method: "DELETE" })).status, 405);
	for (const path of ["/", "/add-checkpoint", `/${address}`, `/logs/${address}`, `/x${address}/checkpoint`])
		assert.notEqual((await fetch(witness.url + path)).status, 200, path);
});

test("of two forks that come at once one is cosigned", async () => {
	for (let round = 0; round < rounds(3); round++) {
		await using directory = await temporaryDirectory();
		await using witness = await witnessOf(directory.path, "witness.example");
		const forks = [HONEST, FORKED].flatMap((read) => [100, 200, 300].map((size) => ({ size, read })));
		const answers = await Promise.all(forks.map((asked) => ask(witness, asked)));
		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		assert.equal(answers.filter(({ status }) => status === 409).length, forks.length - 1);
	}
});

test("no cosignature leaves before its checkpoint is on the disk, and a disk that fails means no cosignature", async () => {
	await using directory = await temporaryDirectory();
	const signer = cosigner("witness.example", seedOf(5));
	let broken = "";
	const calls: string[] = [];
	const tracked =
		<Args extends unknown[]>(name: string, call: (...args: Args) => Promise<void>) =>
		async (...args: Args) => {
			if (name === broken) throw new Error("EIO");
			await call(...args);
			calls.push(name);
		};
	const fileSystem: FileSystem = {
		...DISK,
		writeSynced: tracked("write", DISK.writeSynced),
		rename: tracked("rename", DISK.rename),
		syncDirectory: tracked("sync", DISK.syncDirectory),
	};
	const open = () => CosignedCheckpoints.open(directory.path, signer, [parseVerifierKey(SHARE_LOG.vkey)], fileSystem);
	const checkpoints = await open();
	calls.length = 0;
	const first = await checkpoints.add(requestOf({ size: 10 }), () => NOW);
	assert.equal(first.kind, "cosigned");
	assert.deepEqual(calls, ["write", "rename", "sync", "sync"]);
	for (const call of ["write", "rename", "sync"]) {
		broken = call;
		await assert.rejects(
			checkpoints.add(requestOf({ old: 10, size: 20 }), () => NOW),
			/EIO/,
			call,
		);
		const again = await checkpoints.add(requestOf({ old: 20, size: 30 }), () => NOW);
		assert.deepEqual([again.kind, "size" in again && again.size], ["refused", 10], "it is where it was");
	}
	broken = "";
	assert.equal((await checkpoints.add(requestOf({ old: 10, size: 20 }), () => NOW)).kind, "cosigned");
});

test("a memory that is not its own, or that was written to, is not opened", async () => {
	await using directory = await temporaryDirectory();
	{
		await using witness = await witnessOf(directory.path, "witness.example");
		assert.equal((await ask(witness, { size: 300 })).status, 200);
	}
	await assert.rejects(witnessOf(directory.path, "another.example"), /not cosigned by it/);
	const file = join(directory.path, "logs", createHash("sha256").update("share.example").digest("hex"));
	await writeFile(file, requestOf({ size: 100, edit: (body) => body.slice(body.indexOf("\n\n") + 2) }));
	await assert.rejects(witnessOf(directory.path, "witness.example"), /not cosigned by it/);
});

const CHILD = join(import.meta.dirname, "_witness-child.ts");

test("kill -9 makes it forget nothing that it cosigned", async () => {
	await using directory = await temporaryDirectory();
	const vkey = witnessKeys(seedOf(5), "witness.example").vkey;
	let size = 0;
	for (let round = 0; round < rounds(2); round++) {
		const child = spawn(process.execPath, [CHILD, directory.path], { stdio: ["ignore", "pipe", "inherit"] });
		const ended = once(child, "exit");
		const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
		const running = { url, vkey } as Witness;
		const reached = size + 1 + round * 7;
		while (size < reached) {
			const asked = { old: size, size: size + 1 };
			cosigned(running, asked, await ask(running, asked));
			size++;
		}
		// One more is under way when it dies: it may be remembered, and its answer is lost.
		const lost = ask(running, { old: size, size: size + 1 }).catch(() => undefined);
		child.kill("SIGKILL");
		const [answer] = await Promise.all([lost, ended]);
		if (answer?.status === 200) size++;
		await using witness = await startWitness({
			clock: { now: () => NOW, after: () => ({ cancel() {} }) },
			seed: seedOf(5),
			directory: directory.path,
			name: "witness.example",
			host: "127.0.0.1",
			port: 0,
			logs: [SHARE_LOG.vkey],
		});
		const fork = await ask(witness, { old: size, size: size + 2, read: FORKED });
		assert.ok([409, 422].includes(fork.status), `${fork.status}`);
		const known = fork.status === 409 ? Number(fork.body) : size;
		assert.ok(known === size || known === size + 1, `it cosigned ${size} and remembers ${known}`);
		size = known;
	}
});

test("whatever is sent is answered, and never with a signature", async () => {
	const good = requestOf({ size: 10 });
	const near = fc
		.tuple(fc.nat({ max: good.length - 1 }), fc.string({ unit: "binary" }))
		.map(([at, put]) => good.slice(0, at) + put + good.slice(at + 1));
	const keys = (origin: string) => (origin === "share.example" ? [parseVerifierKey(SHARE_LOG.vkey)] : undefined);
	assert.ok(!("kind" in readSubmission(good, keys)));
	fc.assert(
		fc.property(fc.oneof(near, fc.string({ unit: "binary" })), (body) => {
			const read = readSubmission(body, keys);
			if (body !== good && !("kind" in read)) assert.notEqual(read.old, 0, "only the old size is not signed");
		}),
		{ numRuns: rounds(150) },
	);
	await using directory = await temporaryDirectory();
	await using witness = await witnessOf(directory.path, "witness.example");
	const { port } = new URL(witness.url);
	const bytes = httpRequest({ port, method: "POST", path: "/add-checkpoint" });
	bytes.end(Buffer.from([0xff, 0xfe, 0x0a, 0x0a]));
	const [response] = await once(bytes, "response");
	assert.equal(response.statusCode, 400);
	response.resume();
});
