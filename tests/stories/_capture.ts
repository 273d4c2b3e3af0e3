/**
 * A TCP proxy between clients and a server that keeps every byte of both directions, with the masks of WebSocket frames
 * taken off (RFC 6455 section 5.3), so that what a client sends can be searched as the server sees it.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Capture implements AsyncDisposable {
	readonly url: string;
	readonly #server: Server;
	readonly #recorded: Recording[];
	readonly #sockets: Set<Socket>;

	private constructor(server: Server, recorded: Recording[], sockets: Set<Socket>) {
		this.#server = server;
		this.#recorded = recorded;
		this.#sockets = sockets;
		this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	}

	/** Listens on a free loopback port and passes everything on to `target` ("http://127.0.0.1:7000"). */
	static async between(target: string): Promise<Capture> {
		const { hostname, port } = new URL(target);
		const recorded: Recording[] = [];
		const sockets = new Set<Socket>();
		const server = createServer((client) => {
			const upstream = connect(Number(port), hostname);
			const recording = new Recording();
			recorded.push(recording);
			for (const socket of [client, upstream]) {
				sockets.add(socket);
				socket.on("close", () => sockets.delete(socket));
				socket.on("error", () => socket.destroy());
			}
			client.on("data", (bytes) => recording.fromClient(bytes));
			upstream.on("data", (bytes) => recording.fromServer(bytes));
			client.pipe(upstream);
			upstream.pipe(client);
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		return new Capture(server, recorded, sockets);
	}

	/** Everything that crossed so far, connection after connection. */
	bytes(): Buffer {
		return Buffer.concat(this.#recorded.flatMap((recording) => recording.all()));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		this.#server.close();
		await once(this.#server, "close");
	}
}

class Recording {
	readonly #plain: Buffer[] = [];
	#upgraded = false;
	#rest = Buffer.alloc(0);

	fromClient(bytes: Buffer): void {
		this.#plain.push(bytes);
		if (!this.#upgraded) return;
		this.#rest = Buffer.concat([this.#rest, bytes]);
		for (let frame = takeFrame(this.#rest); frame !== undefined; frame = takeFrame(this.#rest)) {
			this.#plain.push(frame.payload);
			this.#rest = this.#rest.subarray(frame.size);
		}
	}

	fromServer(bytes: Buffer): void {
		this.#plain.push(bytes);
		if (bytes.includes("HTTP/1.1 101")) this.#upgraded = true;
	}

	all(): readonly Buffer[] {
		return this.#plain;
	}
}

function takeFrame(bytes: Buffer): { readonly payload: Buffer; readonly size: number } | undefined {
	if (bytes.length < 6) return undefined;
	const masked = ((bytes[1] ?? 0) & 0x80) !== 0;
	const short = (bytes[1] ?? 0) & 0x7f;
	const lengthEnd = short === 127 ? 10 : short === 126 ? 4 : 2;
	if (bytes.length < lengthEnd + 4) return undefined;
	const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
	const start = lengthEnd + (masked ? 4 : 0);
	if (bytes.length < start + length) return undefined;
	const payload = Buffer.from(bytes.subarray(start, start + length));
	if (masked) for (let i = 0; i < length; i++) payload[i] = (payload[i] ?? 0) ^ (bytes[lengthEnd + (i % 4)] ?? 0);
	return { payload, size: start + length };
}
