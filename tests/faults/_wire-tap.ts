/** Stands between a client's process and the server and reads the frames that leave the client, whoever dies when. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { type Frame, FrameSchema } from "@troth/protocol";

export class WireTap implements AsyncDisposable {
	/** Every frame that any client sent through this tap, in order. */
	readonly sent: Frame[] = [];
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	#url = "";

	private constructor(to: URL) {
		this.#server = createServer((client) => {
			const server = connect(Number(to.port), to.hostname);
			const reader = new FrameReader((frame) => this.sent.push(frame));
			for (const socket of [client, server]) {
				this.#sockets.add(socket);
				socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
			}
			client.on("data", (bytes) => reader.read(bytes));
			client.pipe(server);
			server.pipe(client);
		});
	}

	static async before(url: string): Promise<WireTap> {
		const tap = new WireTap(new URL(url));
		await new Promise<void>((resolve) => tap.#server.listen(0, "127.0.0.1", resolve));
		const address = tap.#server.address();
		if (address === null || typeof address === "string") throw new TypeError("the tap does not listen");
		tap.#url = `http://127.0.0.1:${address.port}`;
		return tap;
	}

	get url(): string {
		return this.#url;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

/** The client's half of one connection: HTTP is passed over; after an upgrade, masked WebSocket frames (RFC 6455). */
class FrameReader {
	readonly #told: (frame: Frame) => void;
	#held: Buffer = Buffer.alloc(0);
	#upgraded = false;

	constructor(told: (frame: Frame) => void) {
		this.#told = told;
	}

	read(bytes: Buffer): void {
		this.#held = Buffer.concat([this.#held, bytes]);
		if (!this.#upgraded) {
			const end = this.#held.indexOf("\r\n\r\n");
			if (end < 0) return;
			if (!/^upgrade: websocket$/im.test(this.#held.subarray(0, end).toString())) {
				this.#held = Buffer.alloc(0);
				return;
			}
			this.#upgraded = true;
			this.#held = this.#held.subarray(end + 4);
		}
		while (this.#next()) {
			// One message after the other.
		}
	}

	#next(): boolean {
		const held = this.#held;
		if (held.length < 2) return false;
		const short = (held[1] ?? 0) & 0x7f;
		const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
		const start = 2 + lengthBytes + 4;
		if (held.length < start) return false;
		const length =
			lengthBytes === 0 ? short : lengthBytes === 2 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
		if (held.length < start + length) return false;
		const mask = held.subarray(start - 4, start);
		const payload = held.subarray(start, start + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
		this.#held = held.subarray(start + length);
		if (((held[0] ?? 0) & 0x0f) === 2) this.#told(fromBinary(FrameSchema, payload));
		return true;
	}
}
