/** The door of the streams: WebSocket upgrades of the HTTP server. */
import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { LIMITS, ROUTES, SUBPROTOCOL } from "@troth/protocol";
import { type ServerOptions, WebSocketServer } from "ws";
import { connect, DeviceSocket } from "./device-socket.ts";
import type { Exchange } from "./exchange.ts";
import { Stream } from "./stream.ts";

/** How long the peer's half of a closing handshake is waited for. */
const CLOSING_MS = 5000;

/**
 * Accepts streams at ROUTES.stream on this server. Whose stream it is, is settled on the stream itself, by a signature
 * over its own challenge: nothing here depends on cookies, so a foreign web page gains nothing by connecting.
 */
export function acceptStreams(exchange: Exchange, server: Server): void {
	// closeTimeout is missing in the types of `ws` 8.18.
	const options: ServerOptions<typeof DeviceSocket> & { closeTimeout: number } = {
		noServer: true,
		clientTracking: false,
		perMessageDeflate: false,
		// It would cost a closure per connection; `Stream.pinged` answers.
		autoPong: false,
		maxPayload: LIMITS.frameBytes,
		WebSocket: DeviceSocket,
		closeTimeout: CLOSING_MS,
		handleProtocols: () => SUBPROTOCOL,
	};
	const sockets = new WebSocketServer(options);
	server.on("upgrade", (request: IncomingMessage, transport: Duplex, head: Buffer) => {
		const refusal = exchange.isClosed ? 503 : refusalOf(request);
		if (refusal !== undefined) {
			refuse(transport, refusal);
			return;
		}
		// The answer to the upgrade and the stream's first frame leave together.
		transport.cork();
		sockets.handleUpgrade(request, transport, head, (device) => {
			const stream = new Stream(device, exchange);
			connect(device, stream);
			exchange.arrived(stream);
			stream.begin();
			stream.flush();
		});
		transport.uncork();
	});
}

function refusalOf({ url, headers }: IncomingMessage): number | undefined {
	if (url?.split("?", 1)[0] !== ROUTES.stream) return 404;
	const offered = headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim());
	return offered?.includes(SUBPROTOCOL) === true ? undefined : 400;
}

function refuse(transport: Duplex, status: number): void {
	transport.on("error", () => transport.destroy());
	transport.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
