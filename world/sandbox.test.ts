/** The sandbox's contract, from outside: every key of its line of JSON has one assertion here. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);

interface Facts {
	messenger: { url: string; dataDir: string; nodes: { url: string; pid: number }[] };
	sms: { url: string };
	clock: { url: string };
	people: { phone: string; name: string; profile: string }[];
}

let child: ChildProcess;
let facts: Facts;
let lines: string[] = [];

before(async () => {
	child = spawn(process.execPath, ["launch.mjs", "world/sandbox.ts", "--json", "--people", "3"], {
		cwd: ROOT,
		stdio: ["ignore", "pipe", "pipe"],
	});
	let output = "";
	let errors = "";
	child.stderr?.on("data", (text) => (errors += text));
	await new Promise<void>((resolve, reject) => {
		child.stdout?.on("data", (text) => {
			output += text;
			lines = output.split("\n").filter((line) => line !== "");
			if (output.endsWith("\n")) resolve();
		});
		child.once("exit", (code) => reject(new Error(`ended with ${code}: ${errors}`)));
	});
	facts = JSON.parse(lines[0] ?? "") as Facts;
});

after(async () => {
	if (child.exitCode !== null) return;
	const exited = once(child, "exit");
	child.kill("SIGTERM");
	await exited;
});

function troth(profile: string, ...args: string[]) {
	return run(process.execPath, [join(ROOT, "client/troth/troth.mjs"), ...args, "--profile", profile, "--json"]);
}

async function json(url: string, init?: RequestInit): Promise<{ status: number; body: Record<string, unknown> }> {
	const response = await fetch(url, init);
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("exactly one line of JSON, and the messenger answers at its address", async () => {
	assert.equal(lines.length, 1);
	assert.equal((await fetch(facts.messenger.url)).status, 200);
	assert.ok(existsSync(join(facts.messenger.dataDir, "logs.sqlite")));
	assert.equal(facts.messenger.nodes[0]?.url, facts.messenger.url);
});

test("the people are there, and one writes to another with the command", async () => {
	const [alice, bob] = facts.people;
	assert.ok(alice !== undefined && bob !== undefined && facts.people.length === 3);
	assert.equal(alice.name, "Alice");
	assert.match(alice.phone, /^\+1555010\d{4}$/);
	const sent = JSON.parse(
		(await troth(alice.profile, "send", "--to", bob.phone, "hello from the sandbox")).stdout,
	) as Record<string, unknown>;
	assert.deepEqual(Object.keys(sent), ["id", "conversation", "seq", "time"]);
	const heard = await troth(bob.profile, "listen", "--count", "3", "--timeout", "3");
	const message = heard.stdout
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as Record<string, unknown>)
		.find(({ type }) => type === "message");
	assert.equal(message?.["text"], "hello from the sandbox");
	assert.equal(message["id"], sent["id"]);
});

test("the last code sent to a number can be asked for, and no other", async () => {
	const phone = "+15550109999";
	assert.equal((await json(`${facts.sms.url}?phone=${phone}`)).status, 404);
	await fetch(`${facts.messenger.url}/troth.v1.RegistrationService/RequestCode`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ phone }),
	});
	const { status, body } = await json(`${facts.sms.url}?phone=${phone}`);
	assert.equal(status, 200);
	assert.match(String(body["code"]), /^\d{6}$/);
	assert.equal((await json(`${facts.sms.url}?phone=${encodeURIComponent(phone)}`)).body["code"], body["code"]);
});

test("the clock moves every component, and only forward", async () => {
	const before = (await json(facts.clock.url)).body["now"] as number;
	const day = 24 * 3600_000;
	const moved = await json(facts.clock.url, { method: "POST", body: JSON.stringify({ advanceMs: day }) });
	assert.equal(moved.status, 200);
	assert.ok((moved.body["now"] as number) >= before + day);
	const info = await json(`${facts.messenger.url}/troth.v1.ServerService/GetServerInfo`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: "{}",
	});
	assert.ok(Number(info.body["serverTimeMs"]) >= before + day, "the node's clock went along");
	for (const body of ['{"advanceMs":-1}', '{"advanceMs":"day"}', "{}", "no json"])
		assert.equal((await json(facts.clock.url, { method: "POST", body })).status, 400, body);
	assert.equal((await json(new URL("/sandbox/nothing", facts.clock.url).href)).status, 404);
});

test("a killed node is back within two seconds, with its clock and everything it had", async () => {
	const pid = facts.messenger.nodes[0]?.pid ?? 0;
	const day = 24 * 3600_000;
	process.kill(pid, "SIGKILL");
	const killedAt = performance.now();
	for (;;) {
		const answer = await fetch(`${facts.messenger.url}/healthz`).catch(() => undefined);
		if (answer?.status === 200) break;
		assert.ok(performance.now() - killedAt < 2000, "not back after two seconds");
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	const info = await json(`${facts.messenger.url}/troth.v1.ServerService/GetServerInfo`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: "{}",
	});
	assert.ok(Number(info.body["serverTimeMs"]) > ((await json(facts.clock.url)).body["now"] as number) - day / 2);
	const [alice, bob] = facts.people;
	const { stdout } = await troth(alice?.profile ?? "", "history", bob?.phone ?? "");
	assert.match(stdout, /hello from the sandbox/);
});

test("it ends at SIGTERM and leaves nothing behind", async () => {
	const exited = once(child, "exit");
	child.kill("SIGTERM");
	assert.deepEqual(await exited, [0, null]);
	assert.ok(!existsSync(dirname(facts.messenger.dataDir)), "the directory is gone");
	await assert.rejects(fetch(facts.messenger.url), "the port is free");
});
