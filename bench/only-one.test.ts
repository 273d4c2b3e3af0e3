import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BusyError, onlyOne } from "./only-one.ts";

test("a second benchmark is refused, and the next one may run when the first has ended", async () => {
	const folder = await mkdtemp(join(tmpdir(), "troth-only-one-"));
	const path = join(folder, "lock");
	try {
		{
			await using _first = await onlyOne(path);
			await assert.rejects(onlyOne(path), BusyError);
		}
		assert.equal(existsSync(path), false);
		await using _second = await onlyOne(path);
	} finally {
		await rm(folder, { recursive: true });
	}
});

test("what a crashed benchmark left does not stop the next one", async () => {
	const folder = await mkdtemp(join(tmpdir(), "troth-only-one-"));
	const path = join(folder, "lock");
	try {
		const gone = spawnSync(process.execPath, ["--version"]).pid;
		await writeFile(path, String(gone));
		await using _held = await onlyOne(path);
		assert.ok(existsSync(path));
	} finally {
		await rm(folder, { recursive: true });
	}
});
