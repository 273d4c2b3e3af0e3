/** `troth delete-account`, as a person and as other people's programs rely on it. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startWorld } from "../stories/_people.ts";
import { troth } from "./_troth.ts";

const ALICE = "+15550107301";

test("an account is deleted only with --yes; then the profile is empty, and good for a new one", async () => {
	const profile = await mkdtemp(join(tmpdir(), "troth-deleting-"));
	await using undo = new AsyncDisposableStack();
	undo.defer(() => rm(profile, { recursive: true }));
	const world = undo.use(await startWorld());
	const of = ["--profile", profile, "--json"];
	const register = async () => {
		const args = ["register", "--server", world.url, "--phone", ALICE, "--name", "Alice", ...of];
		await troth(args);
		const done = await troth([...args, "--code", world.code(ALICE), "--accept", "1"]);
		assert.equal(done.code, 0, done.stderr);
		return done.lines[0]?.["account"];
	};
	const first = await register();
	const unsure = await troth(["delete-account", ...of]);
	assert.equal(unsure.code, 2);
	assert.equal((await troth(["devices", ...of])).code, 0, "nothing happened");

	const done = await troth(["delete-account", "--yes", ...of]);
	assert.equal(done.code, 0, done.stderr);
	assert.deepEqual(done.lines, [{ account: first, deleted: true }]);
	const after = await troth(["devices", ...of]);
	assert.deepEqual([after.code, after.error?.code], [1, "NOT_FOUND"]);
	assert.notEqual(await register(), first);
	assert.deepEqual((await troth(["conversations", ...of])).lines, [{ conversations: 0 }]);
});
