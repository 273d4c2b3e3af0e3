import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSecrets, SecretsError, temporarySecrets } from "./secrets.ts";

async function inDirectory(story: (directory: string) => Promise<void>): Promise<void> {
	const directory = await mkdtemp(join(tmpdir(), "troth-secrets-"));
	await story(directory).finally(() => rm(directory, { recursive: true }));
}

test("the first start makes the keys, the second finds them, and only the owner can read them", () =>
	inDirectory(async (directory) => {
		const made = await openSecrets(directory);
		assert.deepEqual(await openSecrets(directory), made);
		assert.deepEqual(await readdir(directory), ["messenger.key"]);
		assert.equal((await stat(join(directory, "messenger.key"))).mode & 0o777, 0o600);
		const keys = Object.values(made).map((key) => Buffer.from(key).toString("hex"));
		assert.equal(new Set(keys).size, keys.length);
		const stored = await readFile(join(directory, "messenger.key"), "utf8");
		for (const key of keys) assert.ok(!stored.includes(key), "the file holds the seed, not the keys");
	}));

test("two starts at the same moment agree on one key", () =>
	inDirectory(async (directory) => {
		const all = await Promise.all(Array.from({ length: 8 }, () => openSecrets(directory)));
		for (const secrets of all) assert.deepEqual(secrets, all[0]);
		assert.deepEqual(await readdir(directory), ["messenger.key"]);
	}));

test("a key that others can read, or that is damaged, stops the start", () =>
	inDirectory(async (directory) => {
		await openSecrets(directory);
		const path = join(directory, "messenger.key");
		await chmod(path, 0o640);
		await assert.rejects(openSecrets(directory), SecretsError);
		await chmod(path, 0o600);
		await writeFile(path, "half");
		await assert.rejects(openSecrets(directory), SecretsError);
	}));

test("temporary keys are new each time", () => {
	assert.notDeepEqual(temporarySecrets(), temporarySecrets());
});
