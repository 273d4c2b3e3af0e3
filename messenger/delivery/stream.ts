/**
 * One stream: the connection of one device, from its Challenge to its end. Here: the order of the start, what may be
 * received when, slow readers, dead peers, the end. What frames do once the device is attached is in `inbound.ts`.
 *
 * Thousands of idle streams are the normal case, so a stream has no timer and no closure of its own; `sweep` is called
 * once a second for each.
 */
import { fromBinary } from "@bufbuild/protobuf";
import {
	CLOSE,
	type Frame,
	FrameError,
	FrameSchema,
	LIMITS,
	Refusal,
	type RefusalCode,
	readHotFrame,
	toErrorDetail,
} from "@troth/protocol";
import type { Session } from "../context.ts";
import type { ClientKind } from "../usage/delivery-counts.ts";
import { challengeMessage } from "./challenge.ts";
import type { StreamSocket } from "./device-socket.ts";
import type { Exchange } from "./exchange.ts";
import { authenticate } from "./handshake.ts";
import { receiveFrame, receiveHotFrame } from "./inbound.ts";
import type { LogOwner } from "./log-owner.ts";
import { type Outlet, Reader } from "./reader.ts";
import type { SendReply } from "./surroundings.ts";
import type { Flushable } from "./turn.ts";
import { frameMessage, sendOkMessage } from "./wire.ts";

/** Above this much waiting for the socket, entries wait in their logs; above the larger one nothing is received either. */
const PAUSE_BYTES = 256 * 1024;
const STOP_BYTES = 2 * 1024 * 1024;

/** Shared by all streams that have nothing to send. */
const NOTHING: Buffer[] = [];

type Phase = "challenged" | "authenticating" | "attached" | "closed";

export class Stream implements Outlet, SendReply, Flushable {
	readonly #socket: StreamSocket;
	readonly #exchange: Exchange;
	#phase: Phase = "challenged";
	/** What the login has to sign. */
	#challenge: Uint8Array | undefined;
	#session: Session | undefined;
	#reader: Reader | undefined;
	/** When anything last came from the device, to the second; or the stream's beginning. */
	#heardMs: number;
	#pinged = false;
	/** Written in this turn of the event loop. */
	#outgoing: Buffer[] = NOTHING;
	#outgoingBytes = 0;
	#receivingStopped = false;
	#awaitsDrain = false;
	#listensForDrain = false;
	/** Bytes that waited for the socket at the last sweep. */
	#waitedBytes = 0;
	/** Sends that wait for something else than the log's owner. */
	submitting = 0;
	/** Until when the terms count as accepted without asking again. */
	termsUntilMs = 0;
	/** What it runs on, for the counts; undefined where nothing is counted. */
	client: ClientKind | undefined;
	/** Tokens of the rate limit for signals, and when they were last filled up. */
	signalTokens = 0;
	signalTokensMs = 0;

	constructor(socket: StreamSocket, exchange: Exchange) {
		this.#socket = socket;
		this.#exchange = exchange;
		this.#heardMs = exchange.coarseNowMs;
	}

	/** The first frame: what the device has to sign. */
	begin(): void {
		// It lives and ends with this stream: nothing but the stream has to know that it was given.
		this.#challenge = this.#exchange.challenges.next();
		this.write(challengeMessage(this.#challenge));
	}

	get session(): Session | undefined {
		return this.#session;
	}

	get reader(): Reader | undefined {
		return this.#reader;
	}

	get isClosed(): boolean {
		return this.#phase === "closed";
	}

	// ── Receiving ────────────────────────────────────────────────────────────────────────────────────────────────

	/** One WebSocket message. Whatever its bytes are: it is handled, refused with a code, or ends the stream. */
	receive(data: Buffer, isBinary: boolean): void {
		this.heard();
		// A server that ends takes nothing more: it only answers what it has taken.
		if (this.#phase === "closed" || this.#exchange.isClosed) return;
		try {
			if (!isBinary) throw new FrameError("the message is text");
			const hot = this.#phase === "attached" ? readHotFrame(data) : undefined;
			if (hot !== undefined) receiveHotFrame(this.#exchange, this, hot);
			else this.#receiveOther(data);
		} catch (error) {
			this.#refuse(error);
		}
	}

	#receiveOther(data: Buffer): void {
		const frame = decode(data);
		if (this.#phase === "attached") receiveFrame(this.#exchange, this, frame);
		else if (this.#phase === "challenged" && frame.body.case === "hello") {
			const challenge = this.#challenge as Uint8Array;
			this.#challenge = undefined;
			this.#phase = "authenticating";
			authenticate(this.#exchange, this, frame.body.value, challenge).catch((error) => this.#refuse(error));
		} else throw new FrameError("a frame that does not belong here");
	}

	#refuse(error: unknown): void {
		if (error instanceof FrameError) this.end(CLOSE.malformed, new Refusal("MALFORMED", error.message));
		else if (error instanceof Refusal) this.end(CLOSE_CODES[error.code] ?? CLOSE.malformed, error);
		else {
			this.#exchange.events.failed("stream", error);
			this.end(CLOSE.restart, new Refusal("INTERNAL", ""));
		}
	}

	/** The peer is there. */
	heard(): void {
		this.#heardMs = this.#exchange.coarseNowMs;
		this.#pinged = false;
	}

	/** The peer asks whether we are there. Who asks without reading the answers gets none. */
	pinged(data: Buffer): void {
		this.heard();
		if (this.#waitingBytes() <= PAUSE_BYTES) this.#socket.pong(data);
	}

	// ── Attaching ────────────────────────────────────────────────────────────────────────────────────────────────

	/** The login was good. The reader is known to the logs from now on, and sends nothing before `attach`. */
	authenticated(session: Session): Reader {
		this.#session = session;
		this.#reader = new Reader(session.device, this, this.#exchange.logs);
		return this.#reader;
	}

	attach(): void {
		if (this.#phase !== "closed") this.#phase = "attached";
	}

	caughtUp(): void {
		this.write(frameMessage({ case: "queueEmpty", value: {} }));
	}

	// ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────

	/** Writes a complete WebSocket message, at the end of this turn. Its bytes must not change any more. */
	write(message: Buffer): void {
		if (this.#phase === "closed") return;
		if (this.#outgoing === NOTHING) {
			this.#outgoing = [message];
			this.#exchange.turn.add(this);
		} else this.#outgoing.push(message);
		this.#outgoingBytes += message.length;
	}

	/** Hands what was written in this turn to the socket. */
	flush(): void {
		const messages = this.#outgoing;
		const [first] = messages;
		const { transport } = this.#socket;
		this.#outgoing = NOTHING;
		this.#outgoingBytes = 0;
		if (first === undefined || transport === undefined || transport.destroyed) return;
		// One copy is cheaper than what a socket does for each of its writes.
		transport.write(messages.length === 1 ? first : Buffer.concat(messages));
		if (transport.writableLength > STOP_BYTES) this.#stopReceiving();
		if (!this.#awaitsDrain) return;
		// A socket that took everything at once has no `drain` to tell.
		if (transport.writableNeedDrain) this.#listenForDrain();
		else this.#drained();
	}

	#waitingBytes(): number {
		return this.#outgoingBytes + (this.#socket.transport?.writableLength ?? 0);
	}

	isFull(): boolean {
		if (this.#waitingBytes() <= PAUSE_BYTES) return false;
		this.#awaitDrain();
		return true;
	}

	sendOk(log: LogOwner, clientSeq: number, seq: number, timeMs: number): void {
		this.write(sendOkMessage({ log: log.logBytes, clientSeq, seq, timeMs }));
	}

	sendRefused(log: Uint8Array, clientSeq: number, refusal: Refusal): void {
		this.#exchange.events.refused(refusal.code);
		const value = { log: new Uint8Array(log), clientSeq, error: toErrorDetail(refusal) };
		this.write(frameMessage({ case: "sendRefused", value }));
	}

	/** A device that sends and does not read its answers is not read either. */
	#stopReceiving(): void {
		if (this.#receivingStopped) return;
		this.#receivingStopped = true;
		this.#socket.pause();
		this.#awaitDrain();
	}

	#awaitDrain(): void {
		this.#awaitsDrain = true;
		// What was written in this turn has not met the socket yet; `flush` sees what becomes of it.
		if (this.#outgoing === NOTHING) this.#listenForDrain();
	}

	#listenForDrain(): void {
		const { transport } = this.#socket;
		if (this.#listensForDrain || transport === undefined) return;
		this.#listensForDrain = true;
		transport.once("drain", () => {
			this.#listensForDrain = false;
			this.#drained();
		});
	}

	#drained(): void {
		this.#awaitsDrain = false;
		if (this.#phase === "closed") return;
		if (this.#receivingStopped) {
			this.#receivingStopped = false;
			this.#socket.resume();
		}
		this.#reader?.pump();
	}

	// ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────

	/** Once a second: Hello in time, a peer that is still there, a reader that reads. */
	sweep(nowMs: number): void {
		if (this.#phase === "closed") return;
		const { timing } = this.#exchange;
		const silentMs = nowMs - this.#heardMs;
		if (this.#phase !== "attached") {
			if (silentMs >= LIMITS.helloMs) this.end(CLOSE.helloTimeout, new Refusal("UNAUTHENTICATED", "no Hello in time"));
			return;
		}
		if (silentMs >= timing.deadMs) this.#socket.terminate();
		else if (silentMs >= timing.pingMs && !this.#pinged) {
			this.#pinged = true;
			this.#socket.ping();
		}
		this.#sweepSlow(nowMs, timing.slowMs);
	}

	/** Slow: something waits for this reader, and for a time nothing of it was taken or acknowledged. */
	#sweepSlow(nowMs: number, slowMs: number): void {
		const reader = this.#reader;
		const waiting = this.#waitingBytes();
		const moves = waiting < this.#waitedBytes;
		this.#waitedBytes = waiting;
		if (reader === undefined) return;
		if (moves || !(this.#awaitsDrain || reader.isWaiting())) reader.stalledSinceMs = undefined;
		else if (reader.stalledSinceMs === undefined) reader.stalledSinceMs = nowMs;
		else if (nowMs - reader.stalledSinceMs >= slowMs)
			this.end(CLOSE.slowReader, new Refusal("RATE_LIMITED", "the reader is too slow"));
	}

	// ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────

	/** The store could not be read, or something else the device can not help: it comes back. */
	fail(error: unknown): void {
		this.#refuse(error instanceof Refusal ? error : new Error("reading a log failed", { cause: error }));
	}

	/** Closes with a code; `refusal` goes out as an error frame before. */
	end(code: number, refusal?: Refusal): void {
		if (this.#phase === "closed") return;
		if (refusal !== undefined) {
			this.#exchange.events.refused(refusal.code);
			this.write(frameMessage({ case: "error", value: toErrorDetail(refusal) }));
		}
		this.#detach();
		this.flush();
		// What was stopped has to flow again, or the peer's half of the closing handshake is never read.
		if (this.#receivingStopped) this.#socket.resume();
		this.#socket.close(code);
	}

	/** The server ends: the device is told when to come back. */
	goAway(retryAtMs: number): void {
		this.write(frameMessage({ case: "goAway", value: { retryAtMs: BigInt(retryAtMs) } }));
		this.end(CLOSE.restart);
	}

	/** Does not wait for the peer. */
	terminate(): void {
		this.#socket.terminate();
	}

	/** The connection is gone. */
	closed(): void {
		this.#detach();
	}

	#detach(): void {
		if (this.#phase === "closed") return;
		this.#phase = "closed";
		this.#reader?.close();
		this.#exchange.detached(this);
	}
}

/** Refusals that end a stream; the others are a malformed frame's. */
const CLOSE_CODES: Partial<Record<RefusalCode, number>> = {
	UNAUTHENTICATED: CLOSE.unauthenticated,
	DEVICE_REMOVED: CLOSE.removed,
	DEVICE_UNLINKED: CLOSE.removed,
	INTERNAL: CLOSE.restart,
	UNAVAILABLE: CLOSE.restart,
};

function decode(data: Buffer): Frame {
	try {
		return fromBinary(FrameSchema, data);
	} catch {
		throw new FrameError("the bytes are not a Frame");
	}
}
