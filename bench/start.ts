/**
 * `npm run bench:start`: how long a newcomer waits for `npm start`, a program for the sandbox, and everybody for a node
 * that was killed. Nothing else should run beside it.
 *
 *     npm run bench:start -- --rounds 5 --save
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { json, post, ROOT, Sandbox } from "@troth/world/_sandbox.ts";
import { type Figure, quantile, runFigures } from "./figures.ts";

const ROUNDS = 3;
const LOOK_MS = 10;

async function* measured(rounds: number): AsyncGenerator<Figure> {
	const starts: number[] = [];
	const sandboxes: number[] = [];
	const restarts: number[] = [];
	for (let round = 0; round < rounds; round++) {
		starts.push(await untilAppIsServed());
		const startedMs = performance.now();
		await using sandbox = await Sandbox.start();
		sandboxes.push(since(startedMs));
		restarts.push(await untilKilledNodeIsBack(sandbox));
	}
	const middle = (values: readonly number[]) => quantile(values, 0.5);
	yield { name: "npm start, until the app is served", value: middle(starts), unit: "s", aim: 10 };
	yield { name: "sandbox, until its line of JSON", value: middle(sandboxes), unit: "s" };
	yield { name: "a killed node, until it answers again", value: middle(restarts), unit: "s", aim: 2 };
	yield { name: "  the slowest of them", value: Math.max(...restarts), unit: "s", aim: 2 };
}

/** `npm start` on an empty directory, as its command does it. */
async function untilAppIsServed(): Promise<number> {
	const directory = await mkdtemp(join(tmpdir(), "troth-bench-start-"));
	const startedMs = performance.now();
	const child = spawn(process.execPath, ["launch.mjs", "world/start.ts"], {
		cwd: ROOT,
		env: { ...process.env, TROTH_PORT: "0", TROTH_DATA: join(directory, "data") },
		stdio: ["ignore", "pipe", "inherit"],
	});
	const exited = once(child, "exit");
	try {
		let output = "";
		const url = await new Promise<string>((resolve, reject) => {
			child.stdout.on("data", (text) => {
				output += text;
				const found = /Open +(http\S+)/.exec(output)?.[1];
				if (found !== undefined) resolve(found);
			});
			child.once("exit", (code) => reject(new Error(`it ended with ${code}`)));
		});
		if ((await fetch(url)).status !== 200) throw new Error("the app is not served");
		return since(startedMs);
	} finally {
		child.kill("SIGINT");
		await exited;
		await rm(directory, { recursive: true, force: true });
	}
}

async function untilKilledNodeIsBack({ facts: { messenger } }: Sandbox): Promise<number> {
	const node = messenger.nodes[0];
	if (node === undefined) throw new TypeError("a sandbox without a node");
	process.kill(node.pid, "SIGKILL");
	const killedMs = performance.now();
	for (;;) {
		const { status } = await json(`${messenger.url}/healthz`).catch(() => ({ status: 0 }));
		if (status === 200) break;
		await pause(LOOK_MS);
	}
	await post(`${messenger.url}/troth.v1.ServerService/GetServerInfo`, undefined, {});
	return since(killedMs);
}

function since(startedMs: number): number {
	return (performance.now() - startedMs) / 1000;
}

await runFigures(
	({ rounds }) => {
		const times = Number(rounds ?? ROUNDS);
		return {
			kind: "start",
			command: "npm run bench:start",
			measured: ["world", "messenger", "bridge", "family", "business", "operator", "storage", "protocol", "bench"],
			what: `The whole world on an empty directory, ${times} times; the middle one`,
			figures: measured(times),
		};
	},
	["rounds"],
);
