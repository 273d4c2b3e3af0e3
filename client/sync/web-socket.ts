/** One stream connection as the session uses it, over the `WebSocket` that browsers and Node both have. */

export interface StreamSocket {
	send(bytes: Uint8Array<ArrayBuffer>): void;
	close(code?: number): void;
}

export interface SocketEvents {
	message(bytes: Uint8Array<ArrayBuffer>): void;
	/** Called exactly once, also when the connection never opened; 1006 where no close frame came. */
	closed(code: number): void;
}

/** Opens a connection. Tests put a lying or failing server between by wrapping this. */
export type OpenSocket = (url: string, subprotocol: string, events: SocketEvents) => StreamSocket;

const ABNORMAL = 1006;
/** A text frame is a protocol error: RFC 6455 section 7.4.1, unsupported data. Only 1000 and 3000–4999 may be sent. */
const UNSUPPORTED = 4400;

export const openWebSocket: OpenSocket = (url, subprotocol, events) => {
	const socket = new WebSocket(url, subprotocol);
	socket.binaryType = "arraybuffer";
	let closed = false;
	const close = (code: number) => {
		if (closed) return;
		closed = true;
		events.closed(code);
	};
	socket.addEventListener("message", ({ data }) => {
		if (closed) return;
		if (data instanceof ArrayBuffer) events.message(new Uint8Array(data));
		else socket.close(UNSUPPORTED);
	});
	socket.addEventListener("close", ({ code }) => close(code));
	// An error is always followed by a close; without a listener Node would report it as unhandled.
	socket.addEventListener("error", () => undefined);
	return {
		send: (bytes) => {
			if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
		},
		close: (code = 1000) => {
			socket.close(code);
			// The other end may be gone for good: whoever closes does not wait for it.
			close(ABNORMAL);
		},
	};
};
