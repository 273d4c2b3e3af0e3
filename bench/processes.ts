/** Child processes of a benchmark run: bounded in time, pinned to a core, and never left behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** The server runs on one core and the generator on another, so that neither takes the other's time. */
export const SERVER_CORE = 0;
export const GENERATOR_CORE = 1;

export interface Command {
	readonly command: string;
	readonly args: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd?: string;
}

export interface Finished {
	/** Undefined when it was ended by a signal. */
	readonly code: number | undefined;
	readonly stdout: string;
	readonly stderr: string;
}

const children = new Set<ChildProcess>();

/** Ends with SIGKILL whatever this process started and has not ended yet. */
export function killChildren(): void {
	for (const child of children) child.kill("SIGKILL");
}

/** The path of a program, undefined where it is not installed. Looks into /usr/sbin too: servers live there. */
export function findProgram(name: string): string | undefined {
	const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
	return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Can processes be pinned to cores here? */
export function canPin(): boolean {
	return availableParallelism() > 1 && findProgram("taskset") !== undefined;
}

/** The same command on one core; as it is where that is not possible. */
export function pinned(core: number, { command, args, ...rest }: Command): Command {
	if (!canPin()) return { command, args, ...rest };
	return { command: "taskset", args: ["-c", String(core), command, ...args], ...rest };
}

/** Runs a command to its end, at most this long; rejects if it can not be started. */
export async function run(command: Command, timeoutMs: number): Promise<Finished> {
	const child = start(command, ["ignore", "pipe", "pipe"]);
	const output = { stdout: "", stderr: "" };
	child.stdout?.setEncoding("utf8").on("data", (text: string) => {
		output.stdout += text;
	});
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		output.stderr += text;
	});
	const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
	try {
		const code = await new Promise<number | null>((resolve, reject) => {
			child.once("error", reject);
			child.once("close", resolve);
		});
		return { code: code ?? undefined, ...output };
	} finally {
		clearTimeout(timer);
	}
}

function start({ command, args, env, cwd }: Command, stdio: ("ignore" | "pipe" | number)[]): ChildProcess {
	const child = spawn(command, args, {
		stdio,
		...(cwd !== undefined && { cwd }),
		env: { ...process.env, ...env },
	});
	children.add(child);
	child.once("exit", () => children.delete(child));
	child.once("error", () => children.delete(child));
	return child;
}

const START_MS = 30_000;
const STOP_MS = 10_000;
const STEP_MS = 50;

/** A server under test. Disposing stops it. */
export class ServerProcess implements AsyncDisposable {
	readonly pid: number;
	readonly #child: ChildProcess;
	readonly #exited: Promise<void>;

	private constructor(child: ChildProcess, pid: number) {
		this.pid = pid;
		this.#child = child;
		this.#exited = new Promise((resolve) => {
			child.once("exit", () => resolve());
		});
	}

	/** Starts the command on the server's core and waits until the port answers. Its output goes to `logFile`. */
	static async start(command: Command, port: number, logFile: string): Promise<ServerProcess> {
		const log = openSync(logFile, "a");
		const child = start(pinned(SERVER_CORE, command), ["ignore", log, log]);
		closeSync(log);
		await new Promise<void>((resolve, reject) => {
			child.once("spawn", resolve);
			child.once("error", reject);
		});
		if (child.pid === undefined) throw new Error(`${command.command} has no process id`);
		const server = new ServerProcess(child, child.pid);
		if (await server.#answers(port)) return server;
		await server.kill();
		throw new Error(`${command.command} did not answer on its port: ${readFileSync(logFile, "utf8").slice(-500)}`);
	}

	async #answers(port: number): Promise<boolean> {
		for (let waited = 0; waited < START_MS; waited += STEP_MS) {
			if (this.#child.exitCode !== null || this.#child.signalCode !== null) return false;
			if (await connects(port)) return true;
			await pause(STEP_MS);
		}
		return false;
	}

	/** SIGTERM, and SIGKILL if that takes too long. */
	async stop(): Promise<void> {
		this.#child.kill("SIGTERM");
		const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
		await this.#exited;
		clearTimeout(timer);
	}

	async kill(): Promise<void> {
		this.#child.kill("SIGKILL");
		await this.#exited;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}
}

function connects(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = createConnection({ port, host: "127.0.0.1" });
		socket.once("connect", () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", () => resolve(false));
	});
}

/** A port that is free now. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() =>
				typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
			);
		});
	});
}
