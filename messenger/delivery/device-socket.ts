/**
 * The WebSocket of one device: what `ws` gives, and a reference to the stream on it. Listeners are shared functions
 * that find their stream through the socket, because a closure per connection and event would cost more memory than
 * the whole state of an idle stream.
 */
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { Stream } from "./stream.ts";

/** What a stream needs of its connection. Outside of a server there are simulated ones. */
export interface StreamSocket {
	readonly transport: Transport | undefined;
	pause(): void;
	resume(): void;
	ping(): void;
	pong(data: Buffer): void;
	close(code: number): void;
	terminate(): void;
}

/** Takes complete WebSocket messages, as a socket of `node:net` does. */
interface Transport {
	readonly destroyed: boolean;
	readonly writableLength: number;
	readonly writableNeedDrain: boolean;
	write(bytes: Buffer): boolean;
	once(event: "drain", listener: () => void): unknown;
}

export class DeviceSocket extends WebSocket implements StreamSocket {
	stream: Stream | undefined;

	/** The transport below; messages are written to it as complete bytes (see `wire.ts`). */
	get transport(): Duplex | undefined {
		// Not part of the documented surface of `ws`, which would make a header per reader of what is the same for all.
		return (this as unknown as { readonly _socket: Duplex | null })._socket ?? undefined;
	}
}

/** Sets the stream of a socket whose upgrade has just been completed. */
export function connect(socket: DeviceSocket, stream: Stream): void {
	socket.stream = stream;
	socket.on("message", onMessage);
	socket.on("ping", onPing);
	socket.on("pong", onPong);
	socket.on("error", onError);
	socket.on("close", onClose);
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
	// `nodebuffer` is the binary type of every socket here.
	(this as DeviceSocket).stream?.receive(data as Buffer, isBinary);
}

function onPing(this: WebSocket, data: Buffer): void {
	(this as DeviceSocket).stream?.pinged(data);
}

function onPong(this: WebSocket): void {
	(this as DeviceSocket).stream?.heard();
}

/** `ws` closes the connection itself (a frame that breaks RFC 6455, or is too large). */
function onError(): void {}

function onClose(this: WebSocket): void {
	const { stream } = this as DeviceSocket;
	(this as DeviceSocket).stream = undefined;
	stream?.closed();
}
