/** Runs the command as a person or a program would: here where that proves as much, or in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { runTroth } from "./run.ts";

const COMMAND = join(import.meta.dirname, "troth.mjs");

export interface Ran {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
	/** The lines of standard output as JSON. */
	readonly lines: readonly Record<string, unknown>[];
	/** The error object on standard error, with --json. */
	readonly error: { readonly code: string; readonly message: string; readonly retryAt?: number } | undefined;
}

/** Starts `troth` in a process; `input` is what is typed. For what only a process shows: signals, pipes, locks. */
export function startTroth(args: readonly string[], input?: string): { child: ChildProcess; done: Promise<Ran> } {
	const child = spawn(process.execPath, [COMMAND, ...args], {
		stdio: ["pipe", "pipe", "pipe"],
		env: { ...process.env, TROTH_PASSPHRASE: "" },
	});
	let stdout = "";
	let stderr = "";
	child.stdout.on("data", (chunk) => (stdout += chunk));
	child.stderr.on("data", (chunk) => (stderr += chunk));
	child.stdin.end(input ?? "");
	const done = new Promise<Ran>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => resolve(ran(code, stdout, stderr)));
	});
	return { child, done };
}

/** Runs the command to its end in this process, which costs a tenth: the profile is opened and closed all the same. */
export async function troth(args: readonly string[], input = ""): Promise<Ran> {
	let stdout = "";
	let stderr = "";
	const typed = input.split("\n");
	const code = await runTroth(args, {
		print: (lines) => {
			stdout += `${lines}\n`;
		},
		complain: (lines) => {
			stderr += `${lines}\n`;
		},
		ask: async () => typed.shift()?.trim() ?? "",
		interactive: false,
		home: "/nowhere",
		passphrase: undefined,
	});
	return ran(code, stdout, stderr);
}

function ran(code: number | null, stdout: string, stderr: string): Ran {
	return { code, stdout, stderr, lines: parseLines(stdout), error: parseError(stderr) };
}

function parseLines(text: string): Record<string, unknown>[] {
	const lines = text.split("\n").filter((line) => line.startsWith("{"));
	return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function parseError(text: string): Ran["error"] {
	const line = text.split("\n").find((one) => one.startsWith("{"));
	return line === undefined ? undefined : (JSON.parse(line) as { error: NonNullable<Ran["error"]> }).error;
}
