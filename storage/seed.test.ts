import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSeed, SeedError } from "./index.ts";

async function inDirectory(story: (directory: string) => Promise<void>): Promise<void> {
	const directory = await mkdtemp(join(tmpdir(), "troth-seed-"));
	await story(directory).finally(() => rm(directory, { recursive: true }));
}

test("the first opening makes the seed, the second finds it, and only the owner can read it", () =>
	inDirectory(async (directory) => {
		const path = join(directory, "deep", "some.key");
		const made = await openSeed(path);
		assert.deepEqual(await openSeed(path), made);
		assert.deepEqual(await readdir(join(directory, "deep")), ["some.key"]);
		assert.equal((await stat(path)).mode & 0o777, 0o600);
		assert.notDeepEqual(await openSeed(join(directory, "other.key")), made);
	}));

test("two openings at the same moment agree on one seed", () =>
	inDirectory(async (directory) => {
		const path = join(directory, "some.key");
		const all = await Promise.all(Array.from({ length: 8 }, () => openSeed(path)));
		for (const seed of all) assert.deepEqual(seed, all[0]);
		assert.deepEqual(await readdir(directory), ["some.key"]);
	}));

test("a seed that others can read, or that is damaged, is refused", () =>
	inDirectory(async (directory) => {
		const path = join(directory, "some.key");
		await openSeed(path);
		await chmod(path, 0o640);
		await assert.rejects(openSeed(path), SeedError);
		await chmod(path, 0o600);
		await writeFile(path, "half");
		await assert.rejects(openSeed(path), SeedError);
	}));
