/**
 * From Hello to Attached: who it is, that a newer stream takes over from an older one, and what waits. The device is
 * known to the logs before they are asked what waits for it, so that an entry stored meanwhile is not missed
 * (hazard 17).
 */
import { CLOSE, type DeviceId, type Hello, idBytes, PROTOCOL_VERSION, Refusal, readId } from "@troth/protocol";
import type { Session } from "../context.ts";
import { catchUp } from "./catch-up.ts";
import type { Exchange } from "./exchange.ts";
import type { Stream } from "./stream.ts";
import { frameMessage } from "./wire.ts";

/** Logs the device in and attaches it. Rejects with Refusal: the stream ends with it. */
export async function authenticate(
	exchange: Exchange,
	stream: Stream,
	hello: Hello,
	challenge: Uint8Array,
): Promise<void> {
	const session = await verify(exchange, hello, challenge);
	if (stream.isClosed) return;
	const reader = stream.authenticated(session);
	stream.client = exchange.usage?.kindOf(hello.os, hello.appVersion);
	exchange.attached(session.device)?.end(CLOSE.replaced);
	exchange.attach(session.device, stream);

	const rows = await exchange.logs.subscriptionsOf(session.device);
	if (stream.isClosed) return;
	const { generation } = exchange.logs;
	const rebased = hello.generation !== 0 && hello.generation !== generation;
	const unread = rows.filter(({ from, acked, floor, trimmed, until, head }) => {
		const end = Math.min(head, until ?? head);
		return Math.max(from, acked) < end || acked < Math.min(end, Math.max(floor, trimmed));
	});
	const { token, expiresAtMs } = exchange.sessions.issueToken(session);
	stream.write(
		frameMessage({
			case: "attached",
			value: {
				accountId: idBytes(session.account),
				token,
				tokenExpiresMs: BigInt(expiresAtMs),
				serverTimeMs: BigInt(exchange.clock.now()),
				generation,
				queued: unread.length > 0 || rebased,
				presence: exchange.presence !== undefined,
			},
		}),
	);
	stream.attach();
	exchange.directory.noteAttached(session.device, true);
	exchange.wakeUps?.attached(session.device);
	exchange.usage?.present(session.account);
	exchange.events.loggedIn();
	if (rebased) stream.write(frameMessage({ case: "rebased", value: { generation } }));
	await catchUp(exchange, stream, reader, {
		account: session.account,
		all: rows,
		unread: rebased ? rows : unread,
		rebased,
	});
}

async function verify({ sessions }: Exchange, hello: Hello, challenge: Uint8Array): Promise<Session> {
	if (hello.protocolVersion !== PROTOCOL_VERSION)
		throw new Refusal("VERSION_UNSUPPORTED", `this server speaks version ${PROTOCOL_VERSION}`);
	const session =
		hello.login === undefined
			? await sessions.verifyToken(hello.token)
			: await sessions.verifyLogin(hello.login, challenge);
	if (hello.deviceId.length > 0 && readId<DeviceId>(hello.deviceId) !== session.device)
		throw new Refusal("UNAUTHENTICATED", "the login is for another device");
	return session;
}
