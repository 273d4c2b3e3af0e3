/**
 * Keeps one service running as a process of its own: a crash or `kill -9` brings it back with the same options and the
 * same clock. What the sandbox's tests kill is such a process.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { FromService, ServiceEvent, ToService } from "./messages.ts";

/** What a service reports while it runs. */
export interface ServiceListener {
	readonly onEvent?: (event: ServiceEvent) => void;
	/** For services that register a number of their own. */
	readonly codeFor?: (phone: string) => Promise<string>;
	/** What it printed, logs included. */
	readonly onOutput: (text: string) => void;
}

export interface ServiceProcess<Options> {
	/** For people: "messenger". */
	readonly name: string;
	/** The process's code: a module that calls `serve`. */
	readonly module: URL;
	/** Has to lead to the same addresses each time: ports other than 0. */
	readonly options: Options;
	/** Keeps a loaded process waiting, so that what is left to do after a crash is to open the stores. */
	readonly standby?: boolean;
	readonly clockOffsetMs?: number;
}

/** A service did not come up; `output` is what it said. */
export class ServiceFailedError extends Error {
	override readonly name = "ServiceFailedError";
	readonly output: string;
	constructor(service: string, output: string) {
		super(`the ${service} did not start:\n${output}`);
		this.output = output;
	}
}

/** A service could not do what it was asked for. */
export class ServiceCallError extends Error {
	override readonly name = "ServiceCallError";
}

const STOP_MS = 10_000;
/** A service that fails at once is not started again and again without a pause. */
const RESTART_MS = 20;
const SLOWEST_RESTART_MS = 5_000;
const OUTPUT_KEPT = 4000;
/** A standby loads its code when the others have done so. */
const STANDBY_MS = 3_000;

export class SupervisedService<Options, Facts> implements AsyncDisposable {
	readonly #process: ServiceProcess<Options>;
	readonly #listener: ServiceListener;
	readonly #waiting = new Map<number, () => void>();
	readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
	#clockOffsetMs: number;
	#serving: ChildProcess | undefined;
	#standby: ChildProcess | undefined;
	#standbyTimer: NodeJS.Timeout | undefined;
	#facts: Facts | undefined;
	#numbers = 0;
	#failures = 0;
	#stopping = false;

	private constructor(process: ServiceProcess<Options>, listener: ServiceListener) {
		this.#process = process;
		this.#listener = listener;
		this.#clockOffsetMs = process.clockOffsetMs ?? 0;
	}

	/** Starts the service; resolves when it answers, rejects with ServiceFailedError. */
	static async start<Options, Facts>(
		process: ServiceProcess<Options>,
		listener: ServiceListener,
	): Promise<SupervisedService<Options, Facts>> {
		const service = SupervisedService.load<Options, Facts>(process, listener);
		await service.serve();
		return service;
	}

	/** Has a process load the service's code, and wait: what has to come up after others loses no time by it. */
	static load<Options, Facts>(
		process: ServiceProcess<Options>,
		listener: ServiceListener,
	): SupervisedService<Options, Facts> {
		const service = new SupervisedService<Options, Facts>(process, listener);
		service.#standby = service.#spawn();
		return service;
	}

	/** Lets a loaded service serve; resolves when it answers. Rejects with ServiceFailedError, and is disposed then. */
	async serve(): Promise<this> {
		try {
			await this.#serve();
		} catch (error) {
			await this[Symbol.asyncDispose]();
			throw error;
		}
		return this;
	}

	/** What the service said about itself when it last came up. */
	get facts(): Facts {
		if (this.#facts === undefined) throw new TypeError(`the ${this.#process.name} is not up yet`);
		return this.#facts;
	}

	get pid(): number {
		return this.#serving?.pid ?? 0;
	}

	/** Moves the service's clock; resolves when its due timers were set off. One that is down gets it at its start. */
	async advance(ms: number): Promise<void> {
		this.#clockOffsetMs += ms;
		if (this.#serving?.connected !== true) return;
		const id = ++this.#numbers;
		await new Promise<void>((resolve) => {
			this.#waiting.set(id, resolve);
			tell(this.#serving, { kind: "advance", ms, id });
		});
	}

	/** Has the service's process do what it offers under this name. Rejects with ServiceCallError. */
	async call(name: string): Promise<unknown> {
		const id = ++this.#numbers;
		const called = Promise.withResolvers<unknown>();
		this.#calls.set(id, called);
		tell(this.#serving, { kind: "call", id, name });
		return called.promise;
	}

	async #serve(): Promise<void> {
		const child = this.#standby ?? this.#spawn();
		this.#standby = undefined;
		this.#serving = child;
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream?.on("data", (text: Buffer) => {
				output = (output + text).slice(-OUTPUT_KEPT);
			});
		}
		const ready = new Promise<void>((resolve, reject) => {
			child.on("message", (message: FromService) => {
				if (message.kind === "ready") {
					this.#facts = message.facts as Facts;
					this.#failures = 0;
					resolve();
				} else this.#receive(child, message);
			});
			child.once("exit", () => reject(new ServiceFailedError(this.#process.name, output)));
		});
		child.once("exit", () => this.#ended());
		tell(child, { kind: "serve", options: this.#process.options, clockOffsetMs: this.#clockOffsetMs });
		await ready;
		if (this.#process.standby === true) this.#standbyTimer = setTimeout(() => this.#standBy(), STANDBY_MS);
	}

	#standBy(): void {
		if (!this.#stopping) this.#standby ??= this.#spawn();
	}

	#spawn(): ChildProcess {
		const child = fork(this.#process.module, {
			stdio: ["ignore", "pipe", "pipe", "ipc"],
			// Options hold bytes.
			serialization: "advanced",
		});
		for (const stream of [child.stdout, child.stderr])
			stream?.on("data", (text: Buffer) => this.#listener.onOutput(String(text)));
		child.once("exit", () => {
			if (this.#standby === child) this.#standby = undefined;
		});
		return child;
	}

	#receive(child: ChildProcess, message: Exclude<FromService, { kind: "ready" }>): void {
		switch (message.kind) {
			case "code":
				this.#listener.onEvent?.(message);
				break;
			case "ask-code": {
				const { id } = message;
				void this.#listener.codeFor?.(message.phone).then((code) => tell(child, { kind: "code", id, code }));
				break;
			}
			case "advanced":
				this.#waiting.get(message.id)?.();
				this.#waiting.delete(message.id);
				break;
			case "called": {
				const called = this.#calls.get(message.id);
				this.#calls.delete(message.id);
				if (message.error === undefined) called?.resolve(message.value);
				else called?.reject(new ServiceCallError(`the ${this.#process.name}: ${message.error}`));
				break;
			}
		}
	}

	#ended(): void {
		for (const resolve of this.#waiting.values()) resolve();
		this.#waiting.clear();
		for (const called of this.#calls.values())
			called.reject(new ServiceCallError(`the ${this.#process.name} ended before it answered`));
		this.#calls.clear();
		// A service that never came up has told its caller so.
		if (this.#stopping || this.#facts === undefined) return;
		const wait = Math.min(RESTART_MS * 2 ** this.#failures++, SLOWEST_RESTART_MS);
		setTimeout(() => {
			if (!this.#stopping) this.#serve().catch((error: unknown) => this.#listener.onOutput(`${error}\n`));
		}, wait);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopping = true;
		clearTimeout(this.#standbyTimer);
		await Promise.all([end(this.#serving), end(this.#standby)]);
	}
}

function tell(child: ChildProcess | undefined, message: ToService): void {
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
