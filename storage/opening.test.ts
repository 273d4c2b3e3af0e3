/** Opening and closing: one owner, one schema, a generation, and nothing left behind. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { chat, entry } from "./conformance/_people.ts";
import { bumpGeneration, openLogs, openRecords, StoreError } from "./index.ts";

const failed = (error: unknown) => error instanceof StoreError && error.code === "StoreFailed";

async function inDirectory(work: (path: string) => Promise<void>): Promise<void> {
	const directory = await mkdtemp(join(tmpdir(), "troth-opening-"));
	try {
		await work(join(directory, "logs.sqlite"));
	} finally {
		await rm(directory, { recursive: true });
	}
}

test("one process owns the logs: a second owner is refused, and so is a restore under a running server", () =>
	inDirectory(async (path) => {
		await using store = await openLogs({ kind: "sqlite", path });
		await assert.rejects(openLogs({ kind: "sqlite", path }), failed);
		await assert.rejects(bumpGeneration(path), failed);
		await store.write([{ kind: "create", log: chat, group: undefined, alias: undefined }]);
	}));

test("a restored store is of a new generation and has everything", () =>
	inDirectory(async (path) => {
		await assert.rejects(bumpGeneration(path), failed);
		{
			await using store = await openLogs({ kind: "sqlite", path });
			await store.write([
				{ kind: "create", log: chat, group: undefined, alias: undefined },
				{ kind: "append", log: chat, entry: entry(1), sender: undefined },
			]);
		}
		assert.equal(await bumpGeneration(path), 2);
		assert.equal(await bumpGeneration(path), 3);
		await using store = await openLogs({ kind: "sqlite", path });
		assert.equal(store.generation, 3);
		assert.equal((await store.load(chat))?.head, 1);
	}));

test("logs of a later version are left alone", () =>
	inDirectory(async (path) => {
		{
			await using _ = await openLogs({ kind: "sqlite", path });
		}
		const db = new Database(path);
		db.exec("UPDATE meta SET value = 2 WHERE key = 'schema'");
		db.close();
		await assert.rejects(openLogs({ kind: "sqlite", path }), /schema 2, this version knows 1/);
	}));

test("a place where no file can be is refused clearly", async () => {
	const path = join(tmpdir(), "troth-no-such-directory", "x.sqlite");
	await assert.rejects(openLogs({ kind: "sqlite", path }), failed);
	await assert.rejects(openRecords({ kind: "sqlite", path }), failed);
});

test("closing ends the workers: a program that closes its stores ends by itself", () =>
	inDirectory(async (path) => {
		const script = `${path}.mjs`;
		const door = JSON.stringify(new URL("./index.ts", import.meta.url).href);
		await writeFile(
			script,
			`import { openLogs, openRecords } from ${door};
			{
				await using logs = await openLogs({ kind: "sqlite", path: process.argv[2] });
				await using records = await openRecords({ kind: "sqlite", path: process.argv[2] + "-records" });
				void logs.write([]);
			}
			console.log("closed");`,
		);
		const options = { encoding: "utf8", timeout: 30_000 } as const;
		const { status, stdout, stderr } = spawnSync(process.execPath, [script, path], options);
		assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "closed\n", stderr: "" });
	}));
