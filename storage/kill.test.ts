/** The process is killed in the middle of writes, again and again: everything acknowledged is there, nothing is torn. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { rounds } from "@troth/protocol/_rounds.ts";
import Database from "better-sqlite3";
import { textOf } from "./_appending-child.ts";
import { alicePhone, answer, bobPhone, conversationNumber, NO_LIMITS } from "./conformance/_people.ts";
import { openLogs } from "./index.ts";

const CHILD = join(import.meta.dirname, "_appending-child.ts");
const LOGS = 40;

/** Starts the child on this store, kills it a while after its first acknowledgement; the last one of each log. */
async function appendAndKill(path: string, afterMs: number): Promise<ReadonlyMap<number, number>> {
	const child = spawn(process.execPath, [CHILD, path, `${LOGS}`, "1000000"], { stdio: ["ignore", "pipe", "inherit"] });
	const last = new Map<number, number>();
	const lines = createInterface({ input: child.stdout });
	lines.on("line", (line) => {
		const [, log, seq] = line.split(" ");
		last.set(Number(log), Number(seq));
	});
	const ended = Promise.all([once(child, "exit"), once(lines, "close")]);
	await once(lines, "line");
	await wait(afterMs);
	child.kill("SIGKILL");
	const [[, signal]] = await ended;
	assert.equal(signal, "SIGKILL", "it ran until it was killed");
	return last;
}

test("kill -9 during writes loses nothing that was acknowledged", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-kill-"));
	const path = join(directory, "logs.sqlite");
	try {
		for (let round = 0; round < rounds(4); round++) {
			const afterMs = randomInt(5, 500);
			const acknowledged = await appendAndKill(path, afterMs);
			assert.ok(acknowledged.size > 0);
			await checkStore(path, acknowledged, `killed ${afterMs} ms after the first acknowledgement`);
		}
	} finally {
		await rm(directory, { recursive: true });
	}
});

async function checkStore(path: string, acknowledged: ReadonlyMap<number, number>, when: string): Promise<void> {
	{
		await using store = await openLogs({ kind: "sqlite", path });
		for (const [log, seq] of acknowledged) {
			const id = conversationNumber(log);
			const record = await store.load(id);
			assert.ok(record !== undefined && record.head >= seq, `log ${log}: ${record?.head} < ${seq}, ${when}`);
			const entries = await store.read(id, 0, NO_LIMITS);
			assert.deepEqual(
				entries.map((entry) => Buffer.from(entry.body).toString()),
				Array.from({ length: record.head }, (_, index) => textOf(log, index + 1)),
				when,
			);
			// What was written in one transaction is there together.
			assert.equal(record.senders[0]?.device, alicePhone);
			assert.deepEqual(record.senders[0]?.answers.at(-1), answer(record.head, record.head), when);
			assert.equal(record.senders[0]?.answers.length, Math.min(32, record.head), when);
			assert.deepEqual(
				record.subscriptions.map(({ device, acked }) => [device, acked]),
				[[bobPhone, record.head - 1]],
				when,
			);
		}
	}
	const db = new Database(path, { readonly: true });
	try {
		assert.equal(db.pragma("integrity_check", { simple: true }), "ok", when);
	} finally {
		db.close();
	}
}
