/** What each frame of an attached device does. */
import {
	type AccountId,
	type Frame,
	FrameError,
	type HotFrame,
	ID_BYTES,
	LIMITS,
	type LogId,
	Refusal,
	type SendFields,
} from "@troth/protocol";
import type { Session } from "../context.ts";
import { requireTerms } from "../terms/require-terms.ts";
import type { Exchange } from "./exchange.ts";
import type { Stream } from "./stream.ts";
import { frameMessage } from "./wire.ts";

/** Sends of one stream that may wait for logs to be loaded. */
const SUBMITTING_MAX = 256;
/** Accepted terms are asked for again after this time. */
const TERMS_MS = 1000;

/** One of the frames that make up almost all traffic. Throws FrameError for one that only servers send. */
export function receiveHotFrame(exchange: Exchange, stream: Stream, frame: HotFrame): void {
	switch (frame.kind) {
		case "send":
			receiveSend(exchange, stream, frame);
			return;
		case "ack":
			receiveAck(exchange, stream, readLog(frame.log), frame.seq);
			return;
		default:
			throw new FrameError("a frame that only the server sends");
	}
}

/** Any other frame. Throws FrameError for one that only servers send, or that is empty. */
export function receiveFrame(exchange: Exchange, stream: Stream, { body }: Frame): void {
	switch (body.case) {
		case "send":
			receiveSend(exchange, stream, body.value);
			return;
		case "ack":
			receiveAck(exchange, stream, readLog(body.value.log), body.value.seq);
			return;
		case "register":
			receiveSealed(exchange, stream, readLog(body.value.log), "register", body.value.sealed);
			return;
		case "ephemeral":
			receiveSealed(exchange, stream, readLog(body.value.log), "ephemeral", body.value.sealed);
			return;
		case "here":
		case "watchPresence":
		case "presenceContacts":
			receivePresence(exchange, stream, body);
			return;
		case "ping": {
			const serverTimeMs = BigInt(exchange.clock.now());
			stream.write(frameMessage({ case: "pong", value: { sentAtMs: body.value.sentAtMs, serverTimeMs } }));
			return;
		}
		case "pong":
			return;
		default:
			throw new FrameError("a frame that does not belong here");
	}
}

// ─── Send ────────────────────────────────────────────────────────────────────────────────────────────────────────

function receiveSend(exchange: Exchange, stream: Stream, send: SendFields): void {
	const { session } = stream;
	if (session === undefined) return;
	if (send.log.length !== ID_BYTES) {
		stream.sendRefused(send.log, send.clientSeq, new Refusal("MALFORMED", "an id has 16 bytes"));
		return;
	}
	// Both are in memory as a rule. Where one is not, sends of one device may overtake each other only to be refused by
	// their number, which costs a repeat and nothing else.
	const owner = exchange.coarseNowMs < stream.termsUntilMs ? exchange.owners.peek(readLog(send.log)) : undefined;
	if (owner !== undefined) owner.submit(send, session, stream);
	else if (stream.submitting < SUBMITTING_MAX) void submitLater(exchange, stream, session, send);
	else {
		const retryAtMs = exchange.clock.now();
		const refusal = new Refusal("RATE_LIMITED", "too many sends wait for their logs", { retryAtMs });
		stream.sendRefused(send.log, send.clientSeq, refusal);
	}
}

async function submitLater(exchange: Exchange, stream: Stream, session: Session, send: SendFields): Promise<void> {
	stream.submitting++;
	try {
		if (exchange.coarseNowMs >= stream.termsUntilMs) {
			const untilMs = await requireTerms(exchange, session);
			stream.termsUntilMs = Math.min(untilMs, exchange.coarseNowMs + TERMS_MS);
		}
		const owner = await exchange.owners.open(readLog(send.log));
		if (owner === undefined) throw new Refusal("NOT_A_MEMBER", "this device is not in the conversation");
		owner.submit(send, session, stream);
	} catch (error) {
		if (!(error instanceof Refusal)) exchange.events.failed("send", error);
		const unavailable = () => new Refusal("UNAVAILABLE", "the message was not stored; send it again", { cause: error });
		stream.sendRefused(send.log, send.clientSeq, error instanceof Refusal ? error : unavailable());
	} finally {
		stream.submitting--;
	}
}

// ─── Ack ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * An acknowledgement counts as far as this stream has sent the log: a device can not acknowledge what it was not
 * given. One from before the last reconnect is therefore repeated by the device when the entries come again.
 */
function receiveAck({ acknowledgements }: Exchange, { reader }: Stream, log: LogId, seq: number): void {
	const cursor = reader?.acknowledge(log, seq);
	if (cursor === undefined || reader === undefined) return;
	acknowledgements.note(cursor.member, cursor.acked);
	reader.pump();
}

// ─── Register and Ephemeral ──────────────────────────────────────────────────────────────────────────────────────

function receiveSealed(
	exchange: Exchange,
	stream: Stream,
	log: LogId,
	kind: "register" | "ephemeral",
	sealed: Uint8Array,
): void {
	const { session } = stream;
	if (session === undefined) return;
	if (sealed.length > LIMITS.sealedBytes)
		throw new Refusal("TOO_LARGE", "a sealed signal is too large", { limitBytes: LIMITS.sealedBytes });
	if (!exchange.signals.allows(stream, exchange.clock.now())) return;
	const handled =
		kind === "register"
			? exchange.registers.store(log, session, new Uint8Array(sealed))
			: exchange.signals.pass(log, session, new Uint8Array(sealed));
	handled.catch((error) => exchange.events.failed(kind, error));
}

// ─── Presence ────────────────────────────────────────────────────────────────────────────────────────────────────

type PresenceBody = Extract<Frame["body"], { case: "here" | "watchPresence" | "presenceContacts" }>;

function receivePresence({ presence, signals, clock }: Exchange, stream: Stream, body: PresenceBody): void {
	const { session } = stream;
	if (session === undefined || !signals.allows(stream, clock.now())) return;
	switch (body.case) {
		case "here":
			presence?.here(session, body.value.here);
			return;
		case "watchPresence":
			presence?.watch(session, stream, new Set(readAccounts(body.value.accountIds, LIMITS.presenceWatched)));
			return;
		case "presenceContacts":
			readAccounts(body.value.accountIds, LIMITS.presenceContacts);
			presence?.nameContacts(session, body.value.accountIds);
	}
}

function readAccounts(ids: readonly Uint8Array[], most: number): readonly AccountId[] {
	if (ids.length > most) throw new FrameError("too many people");
	return ids.map((id) => readLog(id) as string as AccountId);
}

function readLog(bytes: Uint8Array): LogId {
	if (bytes.length !== ID_BYTES) throw new FrameError("an id has 16 bytes");
	return (bytes as Buffer).toString("hex") as LogId;
}
