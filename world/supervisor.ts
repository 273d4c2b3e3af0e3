/**
 * Keeps one messenger node running as a process of its own: a crash or `kill -9` brings it back on the same port with
 * the same clock. What the sandbox's tests kill is this process.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** What the parent tells a node. */
export type ToNode = { readonly kind: "advance"; readonly ms: number; readonly id: number } | { readonly kind: "stop" };

/** What a node tells the parent. */
export type FromNode =
	| { readonly kind: "ready"; readonly url: string }
	| { readonly kind: "code"; readonly phone: string; readonly code: string }
	| { readonly kind: "advanced"; readonly id: number };

/** How a node starts; passed as its one argument. */
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

const RESTART_MS = 100;
const STOP_MS = 10_000;

export class SupervisedNode implements AsyncDisposable {
	readonly #options: NodeOptions;
	readonly #listener: NodeListener;
	readonly #waiting = new Map<number, () => void>();
	#clockOffsetMs: number;
	#child: ChildProcess | undefined;
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
		await node.#spawn();
		return node;
	}

	get url(): string {
		return this.#url;
	}

	get pid(): number {
		return this.#child?.pid ?? 0;
	}

	/** Moves the node's clock; resolves when its due timers were set off. A node that is down gets it at its start. */
	async advance(ms: number): Promise<void> {
		this.#clockOffsetMs += ms;
		if (this.#child?.connected !== true) return;
		const id = ++this.#advances;
		await new Promise<void>((resolve) => {
			this.#waiting.set(id, resolve);
			this.#tell({ kind: "advance", ms, id });
		});
	}

	async #spawn(): Promise<void> {
		const port = this.#url === "" ? this.#options.port : Number(new URL(this.#url).port);
		const options: NodeOptions = { ...this.#options, port, clockOffsetMs: this.#clockOffsetMs };
		const child = fork(join(import.meta.dirname, "messenger-node.ts"), [JSON.stringify(options)], {
			stdio: ["ignore", "pipe", "pipe", "ipc"],
		});
		this.#child = child;
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream?.on("data", (text: Buffer) => {
				output = (output + text).slice(-4000);
				this.#listener.onOutput(String(text));
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
		await ready;
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
			if (!this.#stopping) this.#spawn().catch((error: unknown) => this.#listener.onOutput(`${error}\n`));
		}, RESTART_MS);
	}

	#tell(message: ToNode): void {
		this.#child?.send(message, () => {});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopping = true;
		const child = this.#child;
		if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
		const exited = once(child, "exit");
		this.#tell({ kind: "stop" });
		const last = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
		await exited;
		clearTimeout(last);
	}
}
