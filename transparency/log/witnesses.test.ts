/** The log and those who look at it: a witness may be away, behind, lost or lying, and people have their proofs all the same. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { openLog, StandingClock, temporaryDirectory, witnessOf } from "../_logs.ts";
import { formatSignatureLine } from "../note/signed-note.ts";
import { parseVerifierKey } from "../note/verifier-key.ts";
import { LEAVES, proves } from "./_leaves.ts";
import { TileLogError } from "./tile-log.node.ts";
import type { TileLogErrorCode } from "./tile-log-error.ts";

const refusal = (code: TileLogErrorCode) => (error: unknown) => error instanceof TileLogError && error.code === code;

test("a witness that is down costs a cosignature, and is asked again", { timeout: 20_000 }, async ({ signal }) => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	const clock = new StandingClock();
	const said: string[] = [];
	const down = await witnessOf(memory.path, "witness.example");
	const { vkey, url } = down;
	await down[Symbol.asyncDispose]();
	let asked = Promise.withResolvers<void>();
	const asking: typeof fetch = (file, request) => {
		if (request?.method === "POST") asked.resolve();
		return fetch(file, request);
	};
	await using log = await openLog(directory.path, {
		witnesses: [{ url, vkey }],
		quorum: 1,
		clock,
		fetch: asking,
		log: (line) => said.push(line),
	});
	log.integrate(0, LEAVES.slice(0, 5));
	const alone = await log.publish();
	assert.deepEqual([alone.size, alone.quorum, alone.witnessed], [5, false, []]);
	assert.equal(proves(log, 4, false), 5);
	assert.equal(log.proofOf(4, { quorum: true }), undefined);
	assert.match(said.join("\n"), /witness witness\.example: it can not be reached/);

	await using _up = await witnessOf(memory.path, "witness.example", clock, Number(new URL(url).port));
	asked = Promise.withResolvers();
	clock.advance(2_000);
	await Promise.race([asked.promise, once(signal, "abort").then(() => assert.fail("it was never asked again"))]);
	// It asked on its own; this one waits for that.
	const seen = await log.publish();
	assert.deepEqual([seen.size, seen.quorum, seen.witnessed], [5, true, ["witness.example"]]);
	assert.equal(proves(log, 4, true, [vkey]), 5);
});

test("while witnesses are away, people keep their proofs under the last checkpoint that was seen", async () => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	const witness = await witnessOf(memory.path, "witness.example");
	const options = { witnesses: [witness], quorum: 1 };
	{
		await using log = await openLog(directory.path, options);
		log.integrate(0, LEAVES.slice(0, 200));
		assert.ok((await log.publish()).quorum);
		await witness[Symbol.asyncDispose]();
		log.integrate(200, LEAVES.slice(200, 300));
		assert.ok(!(await log.publish()).quorum);
	}
	await using log = await openLog(directory.path, options);
	assert.equal(proves(log, 100, true, [witness.vkey]), 200);
	assert.equal(proves(log, 100, false), 300);
	assert.equal(log.proofOf(250, { quorum: true }), undefined);
});

test("a witness that knows another size is told from there on", async () => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	await using witness = await witnessOf(memory.path, "witness.example");
	for (const size of [3, 260, 261, 900]) {
		// A new process each time: it does not know what the witness saw.
		await using log = await openLog(directory.path, { witnesses: [witness], quorum: 1 });
		log.integrate(log.size, LEAVES.slice(log.size, size));
		assert.ok((await log.publish()).quorum, `${size} leaves`);
	}
});

test("a witness that lies, hangs, fails or never stops is as good as none", async () => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	await using mallory = await witnessOf(memory.path, "mallory.example");
	const { name, id } = parseVerifierKey(mallory.vkey);
	const wrongLine = formatSignatureLine({ name, keyId: id, signature: new Uint8Array(72).fill(1) });
	const answers: Record<string, (body: string) => { status: number; body: string | Buffer } | undefined> = {
		"/signs-nothing": () => ({ status: 200, body: "" }),
		"/signs-nonsense": () => ({ status: 200, body: "— witness.example AAAAAAAAAAA=\n" }),
		"/signs-something-else": () => ({ status: 200, body: wrongLine }),
		"/fails": () => ({ status: 500, body: "sorry" }),
		"/redirects": () => ({ status: 302, body: "" }),
		"/no-size": () => ({ status: 409, body: "many\n" }),
		"/always-another-size": () => ({ status: 409, body: "1\n" }),
		"/claims-more": () => ({ status: 409, body: "1000000\n" }),
		"/floods": () => ({ status: 200, body: Buffer.alloc(100_000, "a") }),
		"/hangs": () => undefined,
	};
	await using server = createServer(async (request, response) => {
		const [, lie = "", path = ""] = /^(\/[a-z-]+)(\/.*)$/.exec(request.url ?? "") ?? [];
		const answer = path === "/add-checkpoint" ? answers[lie]?.("") : { status: 404, body: "" };
		request.resume();
		if (answer === undefined) return void hanging?.();
		response.writeHead(answer.status, answer.status === 302 ? { location: mallory.url } : {});
		response.end(answer.body);
	});
	let hanging: (() => void) | undefined;
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	for (const lie of Object.keys(answers)) {
		const clock = new StandingClock();
		hanging = () => clock.advance(5_000);
		const at = join(directory.path, lie.slice(1));
		await using log = await openLog(at, { witnesses: [{ url: base + lie, vkey: mallory.vkey }], quorum: 1, clock });
		log.integrate(0, LEAVES.slice(0, 5));
		const { size, quorum } = await log.publish();
		assert.deepEqual([size, quorum], [5, false], lie);
	}
	server.closeAllConnections();
});

test("a log that signed before waits for a witness, ten minutes at most, or without end where it was restored", async () => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	const clock = new StandingClock();
	const witness = await witnessOf(memory.path, "witness.example", clock);
	const options = { witnesses: [witness], quorum: 1, clock };
	{
		await using log = await openLog(directory.path, options);
		log.integrate(0, LEAVES.slice(0, 5));
		await log.publish();
	}
	await witness[Symbol.asyncDispose]();
	for (const restored of [true, false]) {
		if (restored) await writeFile(join(directory.path, "restored"), "");
		await using log = await openLog(directory.path, options);
		log.integrate(5, LEAVES.slice(5, 9));
		await assert.rejects(log.sign(), refusal("UNCOMPARED"));
		assert.equal(proves(log, 4, false), 5, "what it signed before can still be proved");
		clock.advance(10 * 60_000);
		if (restored) await assert.rejects(log.sign(), refusal("UNCOMPARED"));
		else await log.sign();
		assert.equal(log.signedSize, restored ? 5 : 9);
		if (!restored) continue;
		await using back = await witnessOf(memory.path, "witness.example", clock, Number(new URL(witness.url).port));
		await log.sign();
		assert.equal(log.signedSize, 9);
		await assert.rejects(readFile(join(directory.path, "restored")), "it has been compared");
		await back[Symbol.asyncDispose]();
		await rm(directory.path, { recursive: true });
		await mkdir(directory.path);
		await using again = await openLog(directory.path, { ...options, witnesses: [], quorum: 0 });
		again.integrate(0, LEAVES.slice(0, 5));
		await again.publish();
	}
});
