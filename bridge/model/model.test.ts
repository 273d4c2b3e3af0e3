/** Every order in which share, withdrawal and recall can meet, searched by Spin: the fence is what makes a recall final. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const MODEL = join(import.meta.dirname, "recall.pml");

const missing = [
	["spin", "-V"],
	["gcc", "--version"],
].flatMap(([tool = "", version = ""]) => (spawnSync(tool, [version]).status === 0 ? [] : [tool]));
const skip = missing.length > 0 && `not installed: ${missing.join(", ")} (Debian packages spin, gcc, libc6-dev)`;

/** Searches all states of the model with these macros; what it says of the first error, or that there is none. */
async function search(...macros: readonly string[]): Promise<string> {
	const cwd = await mkdtemp(join(tmpdir(), "troth-model-"));
	try {
		const run = (command: string, ...args: readonly string[]) => {
			const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
			assert.equal(status, 0, `${command}: ${error?.message ?? stdout + stderr}`);
			return stdout;
		};
		run("spin", ...macros.map((name) => `-D${name}`), "-a", MODEL);
		run("gcc", "-O1", "-DSAFETY", "-o", "pan", "pan.c");
		const report = run("./pan", "-m100000");
		assert.doesNotMatch(report, /max search depth too small|out of memory/, "the search was not a whole one");
		const violated = /assertion violated (.*) \(at depth/.exec(report)?.[1];
		assert.match(report, violated === undefined ? /errors: 0\n/ : /errors: 1\n/, report);
		return violated ?? "no error";
	} finally {
		await rm(cwd, { recursive: true });
	}
}

test("with the fence, nothing that was recalled is ever there again, in whatever order things arrive", {
	skip,
}, async () => {
	assert.equal(await search("FENCE"), "no error");
});

test("without the fence, a share that is late outlives its recall", { skip }, async () => {
	assert.equal(await search(), "((kept==0)||(kept>acknowledged))");
});

test("the fence lets a new yes through", { skip }, async () => {
	assert.equal(await search("FENCE", "NEW_YES"), "(acknowledged==0)");
});
