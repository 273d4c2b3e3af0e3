/** A sandbox as outside programs start it: one line of JSON, and everything after that through its addresses. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { troth } from "@troth/client/troth/_troth.ts";
import type { SandboxFacts } from "./sandbox-facts.ts";

export const ROOT = join(import.meta.dirname, "..");

export interface JsonAnswer {
	readonly status: number;
	readonly body: Record<string, unknown>;
}

/** GET, or POST where there is a body; `body` of the answer is an empty object where it is no JSON. */
export async function json(url: string, init?: RequestInit): Promise<JsonAnswer> {
	const response = await fetch(url, init);
	const text = await response.text();
	try {
		return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
	} catch {
		return { status: response.status, body: {} };
	}
}

/** POST of JSON with a bearer token. */
export function post(url: string, token: string | undefined, body: unknown): Promise<JsonAnswer> {
	const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
	return json(url, {
		method: "POST",
		headers: { "content-type": "application/json", ...authorization },
		body: JSON.stringify(body),
	});
}

export class Sandbox implements AsyncDisposable {
	readonly facts: SandboxFacts;
	/** What it printed on standard output. */
	readonly lines: readonly string[];
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess, lines: readonly string[]) {
		this.#child = child;
		this.lines = lines;
		this.facts = JSON.parse(lines[0] ?? "") as SandboxFacts;
	}

	static async start(...args: string[]): Promise<Sandbox> {
		const child = spawn(process.execPath, ["launch.mjs", "world/sandbox.ts", "--json", ...args], {
			cwd: ROOT,
			stdio: ["ignore", "pipe", "pipe"],
		});
		let output = "";
		let errors = "";
		child.stderr.on("data", (text) => {
			errors = (errors + text).slice(-8000);
		});
		await new Promise<void>((resolve, reject) => {
			child.stdout.on("data", (text) => {
				output += text;
				if (output.endsWith("\n")) resolve();
			});
			child.once("exit", (code) => reject(new Error(`the sandbox ended with ${code}: ${errors}`)));
		});
		return new Sandbox(
			child,
			output.split("\n").filter((line) => line !== ""),
		);
	}

	/** The sample person of this name. */
	person(name: string): SandboxFacts["people"][number] {
		const person = this.facts.people.find((candidate) => candidate.name === name);
		if (person === undefined) throw new TypeError(`there is no ${name} in this sandbox`);
		return person;
	}

	/** Runs `troth --json` as one of the people; its lines, parsed. Rejects with what it said on standard error. */
	async troth(name: string, ...args: string[]): Promise<readonly Record<string, unknown>[]> {
		const { code, lines, stderr } = await troth([...args, "--profile", this.person(name).profile, "--json"]);
		if (code !== 0) throw new Error(`troth ${args[0]} ended with ${code}: ${stderr}`);
		return lines;
	}

	/** Moves every component's clock. */
	async advance(ms: number): Promise<void> {
		const { status } = await json(this.facts.clock.url, { method: "POST", body: JSON.stringify({ advanceMs: ms }) });
		if (status !== 200) throw new Error(`the clock answered ${status}`);
	}

	/** SIGTERM; resolves with exit code and signal. */
	async stop(): Promise<readonly [number | null, NodeJS.Signals | null]> {
		if (this.#child.exitCode !== null) return [this.#child.exitCode, null];
		const exited = once(this.#child, "exit");
		this.#child.kill("SIGTERM");
		const [code, signal] = await exited;
		return [code, signal];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}
}

/** Waits until `look` gives something, looking again and again. Rejects after `forMs` of the machine's time. */
export async function until<Value>(
	what: string,
	look: () => Promise<Value | undefined>,
	forMs = 60_000,
): Promise<Value> {
	const startedAt = performance.now();
	for (;;) {
		const seen = await look();
		if (seen !== undefined) return seen;
		if (performance.now() - startedAt > forMs) throw new Error(`waited in vain: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
