/** A real messenger with the real web app, on sqlite in a temporary folder; it can be stopped and started again. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Messenger, type MessengerOptions, startMessenger } from "../../messenger/server.ts";
import { SystemClock } from "../../protocol/clock.ts";
import { buildWeb } from "../../web/build.ts";

interface StartOptions {
	/** Codes can be read out in a call. */
	readonly voice?: boolean;
	/** How devices that are away are woken. */
	readonly push?: MessengerOptions["push"];
	/** The operator's token; without it there are no pages for them. */
	readonly operator?: string;
}

export class TestServer implements AsyncDisposable {
	readonly #directory: string;
	readonly #webRoot: string;
	readonly #codes = new Map<string, string>();
	/** Numbers that were called with a code. */
	readonly called: string[] = [];
	readonly log: string[] = [];
	readonly clock = new SystemClock();
	readonly #options: StartOptions;
	#messenger: Messenger | undefined;
	#port = 0;

	private constructor(directory: string, webRoot: string, options: StartOptions) {
		this.#directory = directory;
		this.#webRoot = webRoot;
		this.#options = options;
	}

	static async start(options: StartOptions = {}): Promise<TestServer> {
		const { root } = await buildWeb();
		const server = new TestServer(await mkdtemp(join(tmpdir(), "troth-browser-test-")), root, options);
		await server.resume();
		return server;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#port}/`;
	}

	/** The last code that was sent to this number. */
	code(phone: string): string {
		const code = this.#codes.get(phone);
		if (code === undefined) throw new Error("no code was sent to this number");
		return code;
	}

	/** Ends it as a restart does: what it stored stays. */
	async stop(): Promise<void> {
		await this.#messenger?.[Symbol.asyncDispose]();
		this.#messenger = undefined;
	}

	/** Starts it on the address it had. */
	async resume(): Promise<void> {
		const { voice = false, push, operator } = this.#options;
		this.#messenger = await startMessenger({
			clock: this.clock,
			stores: { kind: "sqlite", directory: this.#directory },
			port: this.#port,
			webRoot: this.#webRoot,
			...(push !== undefined && { push }),
			...(operator !== undefined && { operatorToken: operator }),
			codes: {
				development: true,
				voice,
				send: async (phone, _code, channel) => {
					if (channel === "voice") this.called.push(phone);
				},
			},
			onCode: (phone, code) => this.#codes.set(phone, code),
			log: (line) => this.log.push(line),
		});
		this.#port = this.#messenger.port;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
		await rm(this.#directory, { recursive: true, force: true });
	}
}
