/** Somebody outside looks at the share log, and at logs that mallory had her hands on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "@troth/protocol";
import { openLog, SHARE_LOG, serveLog, temporaryDirectory, witnessOf } from "../_logs.ts";
import { flipped, naiveRoot, someLeaves } from "../_trees.ts";
import { ProofError, type ProofErrorCode } from "../proof-error.ts";
import { type AuditOptions, auditLog } from "./audit-log.ts";

const refusal = (code: ProofErrorCode) => (error: unknown) => error instanceof ProofError && error.code === code;
const trust = { log: SHARE_LOG.vkey, witnesses: [], quorum: 0 };

/** Every number from 240 on, so that a sample has the first leaves of the second bundle. */
function sequence(): AuditOptions["random"] {
	let n = 240;
	return (below) => n++ % below;
}

const auditOf = (url: string, options: Partial<AuditOptions> = {}) =>
	auditLog({ url, trust, get: fetch, random: sequence(), ...options });

async function publishedLog(directory: string, leaves: readonly Uint8Array[], step = leaves.length) {
	await using log = await openLog(directory);
	await log.publish();
	for (let at = 0; at < leaves.length; at += step) {
		log.integrate(at, leaves.slice(at, at + step));
		await log.publish();
	}
}

test("a small log is recomputed as a whole, and goes on from every earlier size", async () => {
	await using directory = await temporaryDirectory();
	const leaves = someLeaves(700);
	await publishedLog(directory.path, leaves, 90);
	await using served = await serveLog(directory.path);
	const audit = await auditOf(served.url);
	assert.deepEqual([audit.whole, audit.leaves, audit.checkpoint.size], [true, 700, 700]);
	assert.equal(toHex(audit.checkpoint.root), toHex(naiveRoot(leaves)));
	assert.equal(audit.since, undefined);
	for (const size of [0, 1, 90, 256, 700]) {
		const root = naiveRoot(leaves.slice(0, size));
		assert.deepEqual((await auditOf(served.url, { since: { size, root } })).since, { size, root });
		assert.deepEqual((await auditOf(served.url, { since: { size } })).since, { size, root });
	}
});

test("an empty log is a log", async () => {
	await using directory = await temporaryDirectory();
	await publishedLog(directory.path, []);
	await using served = await serveLog(directory.path);
	const audit = await auditOf(served.url);
	assert.deepEqual([audit.whole, audit.leaves, audit.checkpoint.size], [true, 0, 0]);
});

test("of a large log leaves are sampled, from no more tiles than they need", async () => {
	await using directory = await temporaryDirectory();
	const leaves = someLeaves(5000);
	await publishedLog(directory.path, leaves);
	await using served = await serveLog(directory.path);
	const since = { size: 4000, root: naiveRoot(leaves.slice(0, 4000)) };
	const audit = await auditOf(served.url, { since, wholeUpTo: 4999 });
	assert.deepEqual([audit.whole, audit.leaves], [false, 64]);
	assert.equal(new Set(served.asked).size, served.asked.length, "each file is fetched once");
	assert.ok(served.asked.length < 20, `${served.asked.length} files`);
});

test("a log that forgets, or that rewrote its past, is found out", async () => {
	await using directory = await temporaryDirectory();
	const leaves = someLeaves(300);
	const rewritten = leaves.map((leaf, index) => (index === 7 ? Buffer.from("rewritten") : leaf));
	await publishedLog(directory.path, rewritten);
	await using served = await serveLog(directory.path);
	const seen = { size: 200, root: naiveRoot(leaves.slice(0, 200)) };
	for (const wholeUpTo of [1000, 0]) {
		await assert.rejects(auditOf(served.url, { since: seen, wholeUpTo }), refusal("INCONSISTENT"));
		await assert.rejects(auditOf(served.url, { since: { size: 301 }, wholeUpTo }), refusal("INCONSISTENT"));
	}
});

test("a file that is not what was signed is found out, whichever it is", async () => {
	await using directory = await temporaryDirectory();
	await publishedLog(directory.path, someLeaves(300));
	// A whole audit looks at every byte, a sampled one at what its sample needs.
	const files: readonly [path: string, whole: ProofErrorCode, sampled: ProofErrorCode][] = [
		["/tile/entries/000", "NOT_INCLUDED", "NOT_INCLUDED"],
		["/tile/entries/001.p/44", "NOT_INCLUDED", "NOT_INCLUDED"],
		["/tile/0/000", "TILE_INVALID", "NOT_INCLUDED"],
		["/tile/0/001.p/44", "TILE_INVALID", "NOT_INCLUDED"],
		["/tile/1/000.p/1", "TILE_INVALID", "NOT_INCLUDED"],
	];
	for (const [file, whole, sampled] of files) {
		// The third byte: in a bundle the first two are a length.
		await using served = await serveLog(directory.path, (path, body) => (path === file ? flipped(body, 16) : body));
		await assert.rejects(auditOf(served.url), refusal(whole), file);
		await assert.rejects(auditOf(served.url, { wholeUpTo: 0 }), refusal(sampled), file);
	}
	for (const [file] of files) {
		await using served = await serveLog(directory.path, (path, body) => (path === file ? body.slice(0, -1) : body));
		for (const wholeUpTo of [1000, 0])
			await assert.rejects(
				auditOf(served.url, { wholeUpTo }),
				(error) => error instanceof ProofError && ["TILE_INVALID", "MALFORMED"].includes(error.code),
				file,
			);
	}
});

test("the checkpoint has to be the log's own, and seen by those who are asked for", async () => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	await using witness = await witnessOf(memory.path, "witness.example");
	const witnessed = { ...trust, witnesses: [witness.vkey], quorum: 1 };
	await publishedLog(directory.path, someLeaves(3));
	await using served = await serveLog(directory.path);
	await assert.rejects(auditOf(served.url, { trust: witnessed }), refusal("QUORUM_MISSING"));
	{
		await using log = await openLog(directory.path, { witnesses: [witness] });
		await log.publish();
	}
	const audit = await auditOf(served.url, { trust: witnessed });
	assert.deepEqual(
		audit.witnessed.map(({ name }) => name),
		["witness.example"],
	);
	await using forged = await serveLog(directory.path, (path, body) =>
		path === "/checkpoint" ? Buffer.from(Buffer.from(body).toString().replace("\n3\n", "\n2\n")) : body,
	);
	await assert.rejects(auditOf(forged.url), refusal("SIGNATURE_INVALID"));
});

test("a log that is not there, answers nonsense or without end is no proof of anything", async () => {
	await using directory = await temporaryDirectory();
	await using served = await serveLog(directory.path);
	await assert.rejects(auditOf(served.url), refusal("UNREACHABLE"));
	await assert.rejects(auditOf("http://127.0.0.1:9"), refusal("UNREACHABLE"));
	const endless = async () => new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536)) }));
	await assert.rejects(auditOf(served.url, { get: endless }), refusal("UNREACHABLE"));
	for (const body of ["", "\n\n", "log\n1\n\n— log AAAA\n", Buffer.from([0xff])])
		await assert.rejects(auditOf(served.url, { get: async () => new Response(body) }), refusal("MALFORMED"));
});
