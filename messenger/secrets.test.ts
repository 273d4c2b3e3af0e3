import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSecrets, temporarySecrets } from "./secrets.ts";

test("the first start makes the keys, the second finds them, and the file holds none of them", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-secrets-"));
	try {
		const made = await openSecrets(directory);
		assert.deepEqual(await openSecrets(directory), made);
		assert.deepEqual(await readdir(directory), ["messenger.key"]);
		const keys = Object.values(made).map((key) => Buffer.from(key).toString("hex"));
		assert.equal(new Set(keys).size, keys.length);
		const stored = await readFile(join(directory, "messenger.key"), "utf8");
		for (const key of keys) assert.ok(!stored.includes(key), "the file holds the seed, not the keys");
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("temporary keys are new each time", () => {
	assert.notDeepEqual(temporarySecrets(), temporarySecrets());
});
