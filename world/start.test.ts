/** `npm start` as a newcomer meets it: it prints its address, answers, ends cleanly, finds everything again. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openProfile, registerProfile } from "@troth/client/device/open.node.ts";
import { troth } from "@troth/client/troth/_troth.ts";
import { until } from "./_sandbox.ts";

const ROOT = join(import.meta.dirname, "..");

class Started implements AsyncDisposable {
	readonly url: string;
	readonly #child: ChildProcess;
	readonly #output: () => string;

	private constructor(url: string, child: ChildProcess, output: () => string) {
		this.url = url;
		this.#child = child;
		this.#output = output;
	}

	static async start(environment: Record<string, string>, ...args: string[]): Promise<Started> {
		const child = spawn(process.execPath, ["launch.mjs", "world/start.ts", ...args], {
			cwd: ROOT,
			env: { ...process.env, TROTH_PORT: "0", ...environment },
			stdio: ["ignore", "pipe", "pipe"],
		});
		let output = "";
		for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
		const url = await new Promise<string>((resolve, reject) => {
			child.stdout.on("data", () => {
				const found = /Open +(http\S+)/.exec(output)?.[1];
				if (found !== undefined) resolve(found);
			});
			child.once("exit", (code) => reject(new Error(`ended with ${code}: ${output}`)));
		});
		return new Started(url, child, () => output);
	}

	get output(): string {
		return this.#output();
	}

	get operatorToken(): string {
		return /--token (\S+)/.exec(this.output)?.[1] ?? "";
	}

	/** What the console says the code for this number is, when it has said it to the end. */
	code(phone: string): Promise<string> {
		const line = new RegExp(`ending in ${phone.slice(-4)}: (\\d{6})\\s`);
		return until("the code on the console", async () => line.exec(this.output)?.[1]);
	}

	/** Ctrl-C; resolves with the exit code. */
	async interrupt(): Promise<number | null> {
		const exited = once(this.#child, "exit");
		this.#child.kill("SIGINT");
		return (await exited)[0];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#child.exitCode === null && this.#child.signalCode === null) await this.interrupt();
	}
}

test("it starts, serves the app and the API, ends with Ctrl-C, and the next start finds alice again", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-start-"));
	try {
		const environment = { TROTH_DATA: join(directory, "data") };
		const profile = join(directory, "alice");
		let port = "";
		let copy = "";
		{
			await using first = await Started.start(environment);
			port = new URL(first.url).port;
			const page = await fetch(first.url);
			assert.equal(page.status, 200);
			assert.match(await page.text(), /<title>Troth/);
			assert.equal((await fetch(`${first.url}/healthz`)).status, 200);
			assert.equal(
				(await fetch(`${first.url}/sandbox/sms?phone=%2B15550100001`)).status,
				404,
				"the sandbox's paths are not here",
			);
			assert.equal(
				(await fetch(`${first.url}/sandbox/clock`, { method: "POST", body: '{"advanceMs":1}' })).status,
				404,
			);
			await registerProfile({
				dir: profile,
				server: first.url,
				phone: "+15550100001",
				name: "Alice",
				code: () => first.code("+15550100001"),
				acceptTerms: true,
			});
			assert.match(first.output, /development/, "the console provider says what it is");
			assert.ok(!first.output.includes("+15550100001"), "the number is not printed whole");
			await backUpAndBreak(first, directory);
			copy = await readyCopy(first, directory);
			assert.equal(await first.interrupt(), 0);
		}
		// What comes back is the copy, in a place of its own; nothing of the first directory is left.
		await rm(environment.TROTH_DATA, { recursive: true });
		await using second = await Started.start({ TROTH_DATA: copy, TROTH_PORT: port });
		assert.equal(new URL(second.url).port, port);
		await using alice = await openProfile({ dir: profile });
		await alice.caughtUp();
		assert.equal((await alice.terms()).acceptedVersion, 1);
		assert.equal(await second.interrupt(), 0);
	} finally {
		await rm(directory, { recursive: true, force: true });
	}
});

const operator = (server: Started, ...words: readonly string[]) =>
	troth(["operator", ...words, "--server", server.url, "--token", server.operatorToken, "--json"]);

/** A copy is taken beside a running world, is whole and readable by its owner alone, and damage to it is found. */
async function backUpAndBreak(server: Started, directory: string): Promise<void> {
	const into = join(directory, "backup");
	const taken = await operator(server, "backup", into);
	assert.equal(taken.code, 0, taken.stderr);
	const files = readdirSync(into, { recursive: true, withFileTypes: true });
	for (const entry of files)
		assert.equal(statSync(join(entry.parentPath, entry.name)).mode & 0o077, 0, `${entry.name} is for others, too`);
	for (const name of ["world.key", "messenger/messenger.key", "messenger/logs.sqlite", "bridge/share-log/signed"])
		assert.ok(existsSync(join(into, name)), name);
	assert.equal((await operator(server, "verify", into)).code, 0);
	assert.equal((await operator(server, "verify")).code, 0, "and what runs fits together, too");
	assert.equal((await operator(server, "backup", into)).error?.code, "NOT_EMPTY");
	assert.equal((await operator(server, "backup", join(directory, "data", "inside"))).error?.code, "INSIDE");
	const door = new DatabaseSync(join(into, "bridge", "door.sqlite"));
	door.exec("update position set outbox_id = outbox_id + 1000");
	door.close();
	for (const act of ["verify", "restore"]) {
		const { code, error } = await operator(server, act, into);
		assert.deepEqual([code, error?.code], [1, "UNFIT"]);
		assert.match(error?.message ?? "", /rows older than what the bridge knows/);
	}
}

/** A copy that may come back: one that the public log has not outgrown while it was made. */
async function readyCopy(server: Started, directory: string): Promise<string> {
	let number = 0;
	const look = async () => {
		const into = join(directory, `copy-${++number}`);
		assert.equal((await operator(server, "backup", into)).code, 0);
		const { code, lines } = await operator(server, "restore", into);
		if (code !== 0) return undefined;
		assert.equal(lines.at(-1)?.["generation"], 2, "devices are shown a gap where something is missing");
		return into;
	};
	return until("a copy as long as the log", look, 120_000);
}

test("a wrong setting or option is told in one line, without a stack", async () => {
	for (const [environment, args, code] of [
		[{ TROTH_PORT: "seven" }, [], 2],
		[{}, ["--profile", "moon"], 2],
		[{}, ["--frobnicate"], 2],
	] as const) {
		const child = spawn(process.execPath, ["launch.mjs", "world/start.ts", ...args], {
			cwd: ROOT,
			env: { ...process.env, ...environment },
		});
		let errors = "";
		child.stderr.on("data", (text) => (errors += text));
		assert.deepEqual(await once(child, "exit"), [code, null], errors);
		assert.ok(errors.length > 0 && !/\n\s+at /.test(errors), errors);
	}
});
