/** The smallest device that speaks the stream protocol: it shows what came and does what the test says. */
import { once } from "node:events";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	type ConversationId,
	type Entry,
	type Frame,
	FrameSchema,
	idBytes,
	LABELS,
	type LogId,
	LoginStatementSchema,
	PROTOCOL_VERSION,
	type Signed,
	SUBPROTOCOL,
	toHex,
} from "@troth/protocol";
import { WebSocket } from "ws";
import { signStatement, type TestDevice } from "../_identities.ts";

type Body = Frame["body"];
export type FrameOf<Case extends Body["case"]> =
	Extract<Body, { case: Case }> extends { value: infer Value } ? Value : never;

/** A test that waits for longer than this has failed. */
const PATIENCE_MS = 5000;

export interface ClientOptions {
	readonly generation?: number;
	/** Logs in with this token instead of a signature. */
	readonly token?: string;
	readonly version?: number;
	/** Acknowledges each entry, Gap and Skipped as it comes. */
	readonly acknowledges?: boolean;
}

export class TestClient {
	readonly socket: WebSocket;
	/** Everything that came and no `next` has taken. */
	readonly frames: Body[] = [];
	/** All entries that ever came, in their order. */
	readonly entries: Entry[] = [];
	readonly closed: Promise<number>;
	acknowledges: boolean;
	#waiting: (() => void)[] = [];
	#ended = false;

	constructor(url: string, acknowledges: boolean) {
		this.acknowledges = acknowledges;
		this.socket = new WebSocket(`${url.replace(/^http/, "ws")}/stream`, SUBPROTOCOL, { perMessageDeflate: false });
		this.socket.on("message", (data) => this.#receive(data as Buffer));
		this.socket.on("error", () => {});
		this.closed = once(this.socket, "close").then(([code]) => {
			this.#ended = true;
			this.#wake();
			return code as number;
		});
	}

	/** Connects and logs in; resolves when attached. */
	static async attach(url: string, device: TestDevice, options: ClientOptions = {}): Promise<TestClient> {
		const client = await TestClient.hello(url, device, options);
		await client.next("attached");
		return client;
	}

	/** Connects and says Hello; what comes then is for the test. */
	static async hello(url: string, device: TestDevice, options: ClientOptions = {}): Promise<TestClient> {
		const client = new TestClient(url, options.acknowledges ?? true);
		const { challenge } = await client.next("challenge");
		client.write({
			case: "hello",
			value: {
				protocolVersion: options.version ?? PROTOCOL_VERSION,
				deviceId: idBytes(device.device),
				generation: options.generation ?? 0,
				...(options.token === undefined ? { login: signLogin(device, challenge, url) } : { token: options.token }),
			},
		});
		return client;
	}

	#receive(data: Buffer): void {
		const { body } = fromBinary(FrameSchema, new Uint8Array(data));
		this.frames.push(body);
		if (body.case === "entry") this.entries.push(body.value);
		if (this.acknowledges) this.#acknowledge(body);
		this.#wake();
	}

	#acknowledge(body: Body): void {
		if (body.case === "entry") this.ack(body.value.log, body.value.seq);
		if (body.case === "gap" || body.case === "skipped") this.ack(body.value.log, body.value.to);
	}

	#wake(): void {
		for (const wake of this.#waiting.splice(0)) wake();
	}

	/** The next frame of this kind that was not taken yet. Fails when the stream ends before, or in time. */
	async next<Case extends NonNullable<Body["case"]>>(wanted: Case): Promise<FrameOf<Case>> {
		await this.until(() => this.frames.some((body) => body.case === wanted), `a ${wanted}`);
		const [body] = this.frames.splice(
			this.frames.findIndex((frame) => frame.case === wanted),
			1,
		);
		return body?.value as FrameOf<Case>;
	}

	/** Waits for a condition on what came. */
	async until(holds: () => boolean, what = "something"): Promise<void> {
		const deadline = setTimeout(() => this.#wake(), PATIENCE_MS);
		const end = performance.now() + PATIENCE_MS;
		try {
			while (!holds()) {
				if (this.#ended) throw new Error(`the stream ended before ${what} came`);
				if (performance.now() >= end) throw new Error(`${what} did not come`);
				await new Promise<void>((resolve) => this.#waiting.push(resolve));
			}
		} finally {
			clearTimeout(deadline);
		}
	}

	async entriesOf(log: ConversationId | LogId, count: number): Promise<readonly Entry[]> {
		const of = () => this.entries.filter((entry) => toHex(entry.log) === log);
		await this.until(() => of().length >= count, `${count} entries`);
		return of();
	}

	write(body: NonNullable<MessageInitShape<typeof FrameSchema>["body"]>): void {
		this.socket.send(toBinary(FrameSchema, create(FrameSchema, { body })));
	}

	send(log: LogId, clientSeq: number, payload: Uint8Array, epoch = 1): void {
		this.write({ case: "send", value: { log: idBytes(log), clientSeq, epoch, payload: new Uint8Array(payload) } });
	}

	ack(log: Uint8Array, seq: number): void {
		if (this.socket.readyState !== WebSocket.OPEN) return;
		this.write({ case: "ack", value: { log: new Uint8Array(log), seq } });
	}

	/** Waits until the server has handled everything that was written before. */
	async flush(): Promise<void> {
		this.write({ case: "ping", value: { sentAtMs: 1n } });
		await this.next("pong");
	}

	/** Cuts the connection, as a dead network does. */
	async cut(): Promise<void> {
		this.socket.terminate();
		await this.closed;
	}

	async end(): Promise<void> {
		this.socket.close();
		await this.closed;
	}
}

function signLogin({ device, signer }: TestDevice, challenge: Uint8Array, origin: string): Signed {
	return signStatement(signer, LABELS.login, LoginStatementSchema, {
		challenge: new Uint8Array(challenge),
		deviceId: idBytes(device),
		origin,
	});
}
