/** Runs the real command in a process of its own, as a person or a program would. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

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

/** Starts `troth`; `input` is what is typed. */
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
		child.on("close", (code) =>
			resolve({ code, stdout, stderr, lines: parseLines(stdout), error: parseError(stderr) }),
		);
	});
	return { child, done };
}

export function troth(args: readonly string[], input?: string): Promise<Ran> {
	return startTroth(args, input).done;
}

function parseLines(text: string): Record<string, unknown>[] {
	const lines = text.split("\n").filter((line) => line.startsWith("{"));
	return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function parseError(text: string): Ran["error"] {
	const line = text.split("\n").find((one) => one.startsWith("{"));
	return line === undefined ? undefined : (JSON.parse(line) as { error: NonNullable<Ran["error"]> }).error;
}
