import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS } from "./commands.ts";

test("every command answers to its own name", async () => {
	for (const [name, load] of COMMANDS) assert.equal((await load()).name, name);
});
