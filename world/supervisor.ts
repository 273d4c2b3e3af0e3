/**
 * Keeps one messenger node running as a process of its own: a crash or `kill -9` brings it back on the same port with
 * the same clock. What the sandbox's tests kill is this process.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** What the parent tells a node. A node waits, its code loaded, until it is told to serve. */
export type ToNode =
	| { readonly kind: "serve"; readonly options: NodeOptions }
	| { readonly kind: "advance"; readonly ms: number; readonly id: number }
	| { readonly kind: "stop" };

/** What a node tells the parent. */
export type FromNode =
	| { readonly kind: "ready"; readonly url: string }
	| { readonly kind: "code"; readonly phone: string; readonly code: string }
	| { readonly kind: "advanced"; readonly id: number };

/** What a node serves. */
export interface NodeOptions {
	readonly dataDir: string;
	readonly port: number;
	/** The built web app; undefined serves the API alone. */
	readonly webRoot: string | undefined;
	/** How far the sandbox's clock is ahead of the machine's. */
	readonly clockOffsetMs: number;
}

/** What a node reports while it runs. */
export interface NodeListener {
	/** A code went out. */
	readonly onCode: (phone: string, code: string) => void;
	/** What it printed, logs included. */
	readonly onOutput: (text: string) => void;
}

/** A node did not come up; `output` is what it said. */
export class NodeFailedError extends Error {
	override readonly name = "NodeFailedError";
	readonly output: string;
	constructor(output: string) {
		super(`the messenger did not start:\n${output}`);
		this.output = output;
	}
}

const STOP_MS = 10_000;
/** A node that fails at once is not started again and again without a pause. */
const RESTART_MS = 20;

export class SupervisedNode implements AsyncDisposable {
	readonly #options: NodeOptions;
	readonly #listener: NodeListener;
	readonly #waiting = new Map<number, () => void>();
	#clockOffsetMs: number;
	#serving: ChildProcess | undefined;
	/** Loaded and waiting: what is left to do after a crash is to open the stores. */
	#standby: ChildProcess | undefined;
	#url = "";
	#advances = 0;
	#stopping = false;

	private constructor(options: NodeOptions, listener: NodeListener) {
		this.#options = options;
		this.#clockOffsetMs = options.clockOffsetMs;
		this.#listener = listener;
	}

	/** Starts the node; resolves when it answers, rejects with NodeFailedError. */
	static async start(options: NodeOptions, listener: NodeListener): Promise<SupervisedNode> {
		const node = new SupervisedNode(options, listener);
		await node.#serve();
		return node;
	}

	get url(): string {
		return this.#url;
	}

	get pid(): number {
		return this.#serving?.pid ?? 0;
	}

	/** Moves the node's clock; resolves when its due timers were set off. A node that is down gets it at its start. */
	async advance(ms: number): Promise<void> {
		this.#clockOffsetMs += ms;
		if (this.#serving?.connected !== true) return;
		const id = ++this.#advances;
		await new Promise<void>((resolve) => {
			this.#waiting.set(id, resolve);
			tell(this.#serving, { kind: "advance", ms, id });
		});
	}

	async #serve(): Promise<void> {
		const child = this.#standby ?? this.#spawn();
		this.#standby = undefined;
		this.#serving = child;
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream?.on("data", (text: Buffer) => {
				output = (output + text).slice(-4000);
			});
		}
		const ready = new Promise<void>((resolve, reject) => {
			child.on("message", (message: FromNode) => {
				if (message.kind === "ready") {
					this.#url = message.url;
					resolve();
				} else this.#receive(message);
			});
			child.once("exit", () => reject(new NodeFailedError(output)));
		});
		child.once("exit", () => this.#ended());
		const port = this.#url === "" ? this.#options.port : Number(new URL(this.#url).port);
		tell(child, { kind: "serve", options: { ...this.#options, port, clockOffsetMs: this.#clockOffsetMs } });
		await ready;
		if (!this.#stopping) this.#standby ??= this.#spawn();
	}

	#spawn(): ChildProcess {
		const child = fork(join(import.meta.dirname, "messenger-node.ts"), { stdio: ["ignore", "pipe", "pipe", "ipc"] });
		for (const stream of [child.stdout, child.stderr])
			stream?.on("data", (text: Buffer) => this.#listener.onOutput(String(text)));
		child.once("exit", () => {
			if (this.#standby === child) this.#standby = undefined;
		});
		return child;
	}

	#receive(message: Exclude<FromNode, { kind: "ready" }>): void {
		if (message.kind === "code") {
			this.#listener.onCode(message.phone, message.code);
			return;
		}
		this.#waiting.get(message.id)?.();
		this.#waiting.delete(message.id);
	}

	#ended(): void {
		for (const resolve of this.#waiting.values()) resolve();
		this.#waiting.clear();
		if (this.#stopping || this.#url === "") return;
		setTimeout(() => {
			if (!this.#stopping) this.#serve().catch((error: unknown) => this.#listener.onOutput(`${error}\n`));
		}, RESTART_MS);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopping = true;
		await Promise.all([end(this.#serving), end(this.#standby)]);
	}
}

function tell(child: ChildProcess | undefined, message: ToNode): void {
	child?.send(message, () => {});
}

async function end(child: ChildProcess | undefined): Promise<void> {
	if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, "exit");
	tell(child, { kind: "stop" });
	const last = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
	await exited;
	clearTimeout(last);
}
