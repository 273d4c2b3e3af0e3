/** Starting and stopping: all of it, or nothing. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { startTestMessenger } from "./_fixture.ts";
import { startMessenger } from "./server.ts";

const clock = new ManualClock();
const log = () => {};

test("a port that is taken is refused, and nothing stays open", async () => {
	await using first = await startTestMessenger();
	const second = startMessenger({ clock, stores: { kind: "memory" }, port: first.port, log });
	await assert.rejects(second, { code: "EADDRINUSE" });
	assert.equal((await fetch(`${first.url}/healthz`)).status, 200);
});

test("requests that come while it starts wait for their answers, and none of them ends it", async () => {
	const first = await startMessenger({ clock, stores: { kind: "memory" }, log });
	const { port } = first;
	await first[Symbol.asyncDispose]();
	const starting = startMessenger({ clock, stores: { kind: "memory" }, port, log });
	const url = `http://127.0.0.1:${port}/healthz`;
	const answers: number[] = [];
	let started = false;
	starting.then(() => {
		started = true;
	});
	while (!started) {
		// As one that waits for a server to come back does it: again and again, from the moment the port is open.
		const early = Array.from({ length: 4 }, () => fetch(url).then(({ status }) => answers.push(status)));
		await Promise.allSettled(early);
	}
	await using messenger = await starting;
	assert.equal(messenger.port, port);
	assert.ok(answers.length > 0);
	assert.deepEqual(new Set(answers), new Set([200]));
});

test("two messengers never work on the same files", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-server-"));
	try {
		const options = { clock, stores: { kind: "sqlite", directory }, log } as const;
		await using first = await startMessenger(options);
		await assert.rejects(startMessenger(options));
		assert.equal((await fetch(`${first.url}/healthz`)).status, 200);
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("the data directory is made where it is missing, for its owner only", async () => {
	const parent = await mkdtemp(join(tmpdir(), "troth-server-"));
	try {
		const directory = join(parent, "a", "data");
		const messenger = await startMessenger({ clock, stores: { kind: "sqlite", directory }, log });
		await messenger[Symbol.asyncDispose]();
		assert.equal((await stat(directory)).mode & 0o777, 0o700);
		assert.ok((await readdir(directory)).includes("messenger.key"));
	} finally {
		await rm(parent, { recursive: true });
	}
});

test("behind a proxy devices sign the public origin, not the socket's", async () => {
	const origin = "https://troth.example";
	await using messenger = await startMessenger({ clock, stores: { kind: "memory" }, origin, log });
	assert.equal(messenger.origin, origin);
	const response = await fetch(`${messenger.url}/healthz`);
	assert.match(response.headers.get("content-security-policy") ?? "", /connect-src 'self' wss:\/\/troth\.example;/);
	assert.match(response.headers.get("strict-transport-security") ?? "", /max-age/);
});
