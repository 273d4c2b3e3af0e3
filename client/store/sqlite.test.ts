import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, test } from "node:test";
import { LocalStoreError, type LocalStoreErrorCode } from "./errors.ts";
import { prefixEnd } from "./keys.ts";
import { DATABASE_FILE } from "./profile-store.node.ts";
import { openSqliteStore } from "./sqlite.node.ts";

let folder = "";
const database = () => join(folder, DATABASE_FILE);
const content = new TextEncoder();

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "troth-sqlite-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const withCode = (code: LocalStoreErrorCode) => (error: unknown) =>
	error instanceof LocalStoreError && error.code === code;

/** Another process that writes one batch after the other, and the last batch it said to have written. */
async function writer(batches = Number.POSITIVE_INFINITY): Promise<{ child: ChildProcess; last: () => number }> {
	const child = spawn(process.execPath, [join(import.meta.dirname, "_writer.node.ts"), folder, String(batches)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	let last = 0;
	const lines = createInterface({ input: child.stdout });
	lines.on("line", (line) => {
		last = Number(line);
	});
	await once(lines, "line");
	return { child, last: () => last };
}

async function killed(child: ChildProcess): Promise<void> {
	const ended = once(child, "close");
	child.kill("SIGKILL");
	await ended;
}

test("a second process is told that the profile is in use, and gets it when the first one is killed", async () => {
	const { child } = await writer(1);
	try {
		assert.throws(() => openSqliteStore(database()), withCode("ProfileInUse"));
	} finally {
		await killed(child);
	}
	await openSqliteStore(database())[Symbol.asyncDispose]();
});

test("one process does not open a profile twice either", async () => {
	await using _first = openSqliteStore(database());
	assert.throws(() => openSqliteStore(database()), withCode("ProfileInUse"));
});

test("kill -9 in the middle of writes leaves every batch that was reported, and no half of one", async () => {
	for (let round = 0; round < 5; round++) {
		const { child, last } = await writer();
		await new Promise((resolve) => setTimeout(resolve, 30 + 40 * round));
		await killed(child);
		const reported = last();
		await using store = openSqliteStore(database());
		const [left, right] = await Promise.all([store.get("left"), store.get("right")]);
		assert.deepEqual(left, right, "both ends of the last batch");
		const stored = Number(new TextDecoder().decode(left));
		assert.ok(stored === reported || stored === reported + 1, `reported ${reported}, stored ${stored}`);
		const batches = await store.range("batch/", prefixEnd("batch/"));
		assert.equal(batches.length, stored);
		await store.write(new Map(batches.map(([key]) => [key, undefined])));
	}
});

test("only their owner can read the files", async () => {
	const inner = join(folder, "made", "here");
	await using store = openSqliteStore(join(inner, DATABASE_FILE));
	await store.write(new Map([["key", content.encode("value")]]));
	assert.equal(statSync(inner).mode & 0o777, 0o700);
	const files = readdirSync(inner);
	assert.ok(files.length >= 2, "the database and its log");
	for (const file of files) assert.equal(statSync(join(inner, file)).mode & 0o777, 0o600, file);
});

test("a file that is no database, or another program's, is refused and left alone", async () => {
	writeFileSync(database(), "this is a letter to bob, not a database ".repeat(40));
	const before = statSync(database()).size;
	assert.throws(() => openSqliteStore(database()), withCode("Unreadable"));
	assert.equal(statSync(database()).size, before);

	const { default: Database } = await import("better-sqlite3");
	const foreign = join(folder, "foreign.db");
	const other = new Database(foreign);
	other.exec("CREATE TABLE letters (text TEXT)");
	other.pragma("user_version = 7");
	other.close();
	assert.throws(() => openSqliteStore(foreign), withCode("Unreadable"));
});

test("the write-ahead log does not keep old values for ever", async () => {
	await using store = openSqliteStore(database());
	for (let write = 0; write < 600; write++) await store.write(new Map([["ratchet", new Uint8Array(8_000)]]));
	const log = statSync(`${database()}-wal`).size;
	assert.ok(log < 3 * 1024 * 1024, `the log has ${log} bytes`);
});
