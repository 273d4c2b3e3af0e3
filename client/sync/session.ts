/**
 * The stream of one device: connect, prove who we are, stay connected. What travels over it is other files' business;
 * this one knows when there is a stream and when there is not.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	type Attached,
	CLOSE,
	type Clock,
	type DeviceId,
	type Frame,
	FrameSchema,
	fromErrorDetail,
	idBytes,
	LABELS,
	LoginStatementSchema,
	PROTOCOL_VERSION,
	type RefusalCode,
	ROUTES,
	SUBPROTOCOL,
	type Timer,
} from "@troth/protocol";
import type { Connection } from "../device/api.ts";
import type { DeviceFacts } from "../device/facts.ts";
import { signStatement } from "../identity/signed.ts";
import type { MlsEngine, SigningKeys } from "../mls/engine.ts";
import { Backoff } from "./backoff.ts";
import type { OpenSocket, StreamSocket } from "./web-socket.ts";

/** How long a server may take from the connection to Attached. */
const ATTACH_MS = 15_000;
const PING_EVERY_MS = 30_000;
/** Anything at all that arrives counts as a sign of life. */
const SILENCE_MS = 45_000;
/** Beside the server's wish, so that not everybody comes back in the same instant. */
const GO_AWAY_JITTER_MS = 2_000;
const ABNORMAL = 1006;

export interface SessionIdentity {
	readonly device: DeviceId;
	readonly server: string;
	readonly origin: string;
	readonly keys: SigningKeys;
	/** The store generation of the cursors (hazard 21). */
	readonly generation: () => number;
}

export interface SessionPorts {
	/** What the server is told to count. */
	readonly facts: Pick<DeviceFacts, "os" | "appVersion">;
	readonly clock: Clock;
	readonly engine: MlsEngine;
	readonly random: (length: number) => Uint8Array<ArrayBuffer>;
	readonly openSocket: OpenSocket;
}

export interface SessionEvents {
	attached(attached: Attached): void;
	/** Every frame after Attached that is not about the stream itself. */
	frame(body: Frame["body"]): void;
	/** The stream is gone; called once for each `attached`. */
	detached(): void;
	connection(connection: Connection): void;
}

type FrameBody = NonNullable<MessageInitShape<typeof FrameSchema>["body"]>;

interface Attempt {
	socket: StreamSocket | undefined;
	attached: boolean;
	lastHeardMs: number;
	timer: Timer | undefined;
	refused: RefusalCode | undefined;
	retryAtMs: number | undefined;
}

export class Session {
	readonly #identity: SessionIdentity;
	readonly #ports: SessionPorts;
	readonly #events: SessionEvents;
	readonly #backoff: Backoff;
	#attempt: Attempt | undefined;
	#retry: Timer | undefined;
	#connection: Connection = { state: "offline", retryAtMs: 0 };
	#stopped = true;

	constructor(identity: SessionIdentity, ports: SessionPorts, events: SessionEvents) {
		this.#identity = identity;
		this.#ports = ports;
		this.#events = events;
		this.#backoff = new Backoff(ports.random);
	}

	get connection(): Connection {
		return this.#connection;
	}

	get attached(): boolean {
		return this.#attempt?.attached === true;
	}

	/** Connects now, whatever was being waited for. */
	start(): void {
		this.#stopped = false;
		this.#backoff.reset();
		if (!this.attached) this.#connect();
	}

	/** Ends the stream and stays away. `state` says why. */
	stop(state: Connection = { state: "offline", retryAtMs: 0 }): void {
		this.#stopped = true;
		this.#retry?.cancel();
		this.#drop();
		this.#become(state);
	}

	/** Gives the present stream up and comes back with a new one after a while. */
	interrupt(): void {
		if (this.#attempt !== undefined) this.#lost(this.#attempt, ABNORMAL);
	}

	/** Sends a frame; false where there is no stream, and then nothing was sent. */
	send(body: FrameBody): boolean {
		const attempt = this.#attempt;
		if (attempt?.socket === undefined || !attempt.attached) return false;
		attempt.socket.send(encode(body));
		return true;
	}

	#connect(): void {
		this.#retry?.cancel();
		this.#drop();
		const attempt: Attempt = {
			socket: undefined,
			attached: false,
			lastHeardMs: this.#ports.clock.now(),
			timer: undefined,
			refused: undefined,
			retryAtMs: undefined,
		};
		this.#attempt = attempt;
		this.#become({ state: "connecting" });
		attempt.timer = this.#ports.clock.after(ATTACH_MS, () => this.#lost(attempt, CLOSE.helloTimeout));
		attempt.socket = this.#ports.openSocket(streamUrl(this.#identity.server), SUBPROTOCOL, {
			message: (bytes) => this.#received(attempt, bytes),
			closed: (code) => this.#lost(attempt, code),
		});
	}

	#received(attempt: Attempt, bytes: Uint8Array): void {
		if (attempt !== this.#attempt) return;
		attempt.lastHeardMs = this.#ports.clock.now();
		const frame = decode(bytes);
		if (frame === undefined) this.#lost(attempt, CLOSE.malformed);
		else this.#handle(attempt, frame.body);
	}

	#handle(attempt: Attempt, body: Frame["body"]): void {
		switch (body.case) {
			case "challenge":
				if (!attempt.attached) void this.#hello(attempt, body.value.challenge);
				break;
			case "attached":
				this.#onAttached(attempt, body.value);
				break;
			case "error":
				attempt.refused = fromErrorDetail(body.value).code;
				break;
			case "goAway":
				attempt.retryAtMs = Number(body.value.retryAtMs) + this.#backoff.fraction() * GO_AWAY_JITTER_MS;
				this.#lost(attempt, CLOSE.restart);
				break;
			case "ping":
				this.send({ case: "pong", value: { sentAtMs: body.value.sentAtMs } });
				break;
			case "pong":
				break;
			default:
				if (attempt.attached) this.#events.frame(body);
		}
	}

	async #hello(attempt: Attempt, challenge: Uint8Array): Promise<void> {
		const { device, origin, keys, generation } = this.#identity;
		const { os, appVersion } = this.#ports.facts;
		const deviceId = idBytes(device);
		const statement = toBinary(LoginStatementSchema, create(LoginStatementSchema, { challenge, deviceId, origin }));
		const login = await signStatement(this.#ports.engine, keys, LABELS.login, statement);
		if (attempt !== this.#attempt) return;
		attempt.socket?.send(
			encode({
				case: "hello",
				value: { protocolVersion: PROTOCOL_VERSION, login, deviceId, generation: generation(), os, appVersion },
			}),
		);
	}

	#onAttached(attempt: Attempt, attached: Attached): void {
		if (attempt.attached) return;
		attempt.timer?.cancel();
		attempt.attached = true;
		this.#backoff.reset();
		this.#watch(attempt);
		this.#become({ state: "online" });
		this.#events.attached(attached);
	}

	/** Pings while all is quiet and gives the stream up when nothing comes back. */
	#watch(attempt: Attempt): void {
		attempt.timer = this.#ports.clock.after(PING_EVERY_MS / 2, () => {
			if (attempt !== this.#attempt) return;
			const now = this.#ports.clock.now();
			if (now - attempt.lastHeardMs > SILENCE_MS) return this.#lost(attempt, ABNORMAL);
			if (now - attempt.lastHeardMs >= PING_EVERY_MS / 2)
				this.send({ case: "ping", value: { sentAtMs: BigInt(Math.round(now)) } });
			this.#watch(attempt);
		});
	}

	/** The attempt is over; what happens next depends on why. */
	#lost(attempt: Attempt, code: number): void {
		if (attempt !== this.#attempt) return;
		this.#drop();
		if (this.#stopped) return;
		if (attempt.refused === "DEVICE_UNLINKED") this.stop({ state: "unlinked" });
		else if (code === CLOSE.removed || attempt.refused === "DEVICE_REMOVED") this.stop({ state: "removed" });
		else if (code === CLOSE.replaced) this.stop({ state: "replaced" });
		else this.#comeBack(attempt);
	}

	#comeBack(attempt: Attempt): void {
		const now = this.#ports.clock.now();
		const retryAtMs = Math.max(now + this.#backoff.next(), attempt.retryAtMs ?? 0);
		this.#become({
			state: "offline",
			retryAtMs,
			...(attempt.refused !== undefined && { code: attempt.refused }),
		});
		this.#retry = this.#ports.clock.after(retryAtMs - now, () => this.#connect());
	}

	#drop(): void {
		const attempt = this.#attempt;
		if (attempt === undefined) return;
		this.#attempt = undefined;
		attempt.timer?.cancel();
		attempt.socket?.close();
		if (attempt.attached) this.#events.detached();
	}

	#become(connection: Connection): void {
		const same = this.#connection.state === connection.state && connection.state !== "offline";
		this.#connection = connection;
		if (!same) this.#events.connection(connection);
	}
}

function decode(bytes: Uint8Array): Frame | undefined {
	try {
		return fromBinary(FrameSchema, bytes);
	} catch {
		return undefined;
	}
}

function encode(body: FrameBody): Uint8Array<ArrayBuffer> {
	return toBinary(FrameSchema, create(FrameSchema, { body }));
}

/** Where the stream of this server is. */
function streamUrl(server: string): string {
	const url = new URL(ROUTES.stream, server);
	url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
	return url.href;
}
