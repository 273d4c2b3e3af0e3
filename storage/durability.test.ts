/**
 * Hazard 25: killing a process shows nothing about syncing, because the kernel keeps what was written. So the system
 * calls are watched: between the write of an entry and its acknowledgement lies a completed sync of that file.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { textOf } from "./_appending-child.ts";
import { findUnsynced, parseTrace, type SystemCall } from "./_system-calls.ts";

const LOGS = 3;
const ENTRIES = 15;
const CALLS = "trace=write,writev,pwrite64,pwritev,fsync,fdatasync,rename,renameat,renameat2";

const missing = spawnSync("strace", ["-f", "-e", "trace=fsync", "true"]).status !== 0;
const skip = missing && "strace is not installed or may not trace here (Debian package strace)";

/** The system calls of a program that is given a path in a fresh directory. */
function traceOf(child: string, ...args: readonly string[]): readonly SystemCall[] {
	const directory = mkdtempSync(join(tmpdir(), "troth-durability-"));
	try {
		const trace = join(directory, "trace");
		const strace = ["-f", "-y", "-s", "8192", "-o", trace, "-e", CALLS];
		const program = [process.execPath, join(import.meta.dirname, child), join(directory, "store"), ...args];
		const { status, stderr } = spawnSync("strace", [...strace, ...program], { encoding: "utf8" });
		assert.equal(status, 0, stderr);
		return parseTrace(readFileSync(trace, "utf8"));
	} finally {
		rmSync(directory, { recursive: true });
	}
}

/** What the appending child acknowledged without its being safe. */
function unsyncedIn(mode: "full" | "off"): readonly string[] {
	return findUnsynced(traceOf("_appending-child.ts", `${LOGS}`, `${ENTRIES}`, mode), acknowledged());
}

function acknowledged() {
	return Array.from({ length: LOGS * ENTRIES }, (_, index) => {
		const log = index % LOGS;
		const seq = 1 + Math.floor(index / LOGS);
		return { stored: textOf(log, seq), said: `ack ${log} ${seq}\\n` };
	});
}

test("every acknowledged entry was synced before", { skip }, () => {
	assert.deepEqual(unsyncedIn("full"), []);
});

test("the same check finds a store that does not sync", { skip }, () => {
	const unsynced = unsyncedIn("off");
	assert.equal(unsynced.length, LOGS * ENTRIES);
	assert.match(unsynced[0] ?? "", /acknowledged before a sync of .*store-wal/);
});

test("a blob's bytes are synced before it gets its name, and its name before it is told", { skip }, () => {
	const calls = traceOf("_putting-child.ts", "5");
	const told = calls.filter(({ name, text }) => name === "write" && text.includes('"put '));
	assert.equal(told.length, 5);
	for (const telling of told) {
		const id = /put ([0-9a-f]{64})/.exec(telling.text)?.[1] ?? "";
		const renaming = calls.find(({ name, text }) => name.startsWith("rename") && text.includes(id));
		assert.ok(renaming !== undefined, id);
		const [, draft = "", path = ""] = /"([^"]*)",.*?"([^"]*)"/.exec(renaming.text) ?? [];
		const writing = calls.find((call) => call.path === draft && /^p?write/.test(call.name));
		const synced = (file: string, after: number, before: number) =>
			calls.some(({ name, path, began, ended }) => {
				return /^f(data)?sync$/.test(name) && path === file && began > after && ended < before;
			});
		assert.ok(synced(draft, writing?.ended ?? Number.NaN, renaming.began), `the bytes of ${id}`);
		assert.ok(synced(dirname(path), renaming.ended, telling.began), `the name of ${id}`);
	}
});

test("the check knows a sync that came too late, failed, or was of another file", () => {
	const trace = (...lines: string[]) =>
		findUnsynced(parseTrace(lines.join("\n")), [{ stored: "hello", said: "ack 1" }]);
	const write = '7 pwrite64(20</d/wal>, "..hello..", 4096, 0) = 4096';
	const ack = '9 write(1</dev/pts>, "ack 1\\n", 6) = 6';
	assert.deepEqual(trace(write, "7 fsync(20</d/wal>) = 0", ack), []);
	assert.deepEqual(trace(write, "7 fsync(20</d/wal> <unfinished ...>", "7 <... fsync resumed>) = 0", ack), []);
	for (const wrong of [
		[write, ack, "7 fsync(20</d/wal>) = 0"],
		["7 fsync(20</d/wal>) = 0", write, ack],
		[write, "7 fsync(20</d/wal> <unfinished ...>", ack, "7 <... fsync resumed>) = 0"],
		["8 fsync(20</d/wal> <unfinished ...>", write, "8 <... fsync resumed>) = 0", ack],
		[write, "7 fsync(20</d/wal>) = -1 EIO (Input/output error)", ack],
		[write, "7 fsync(21</d/other>) = 0", ack],
		[ack, write, "7 fsync(20</d/wal>) = 0"],
	]) {
		assert.equal(trace(...wrong).length, 1, wrong.join("\n"));
	}
});
