/** A server that lies, or a network that loses: put between one device and the real messenger. */
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { EntryKind, type Frame, FrameSchema, GapReason } from "@troth/protocol";
import type { DevicePorts } from "../device/ports.ts";
import type { SocketEvents, StreamSocket } from "../sync/web-socket.ts";

export class Middleman {
	/** Frames to the device: changed, replaced by several, or dropped with an empty list. */
	incoming: (frame: Frame) => readonly Frame[] = (frame) => [frame];
	/** Frames from the device. */
	outgoing: (frame: Frame) => readonly Frame[] = (frame) => [frame];
	/** Answers to calls, by method name: "GetDeviceLists". */
	readonly answers = new Map<string, (bytes: Uint8Array) => Uint8Array>();
	/** Calls that never get through, by method name. */
	readonly cut = new Set<string>();
	/** Calls that arrive, and whose answer gets lost. */
	readonly deaf = new Set<string>();
	readonly sent: Frame[] = [];
	readonly received: Frame[] = [];
	/** True: the process is gone as far as the world can see. Nothing leaves any more, and nothing arrives. */
	frozen = false;
	#sockets = new Set<{ socket: StreamSocket; events: SocketEvents }>();

	/** Replaces the answer of a method with what `lie` makes of it. */
	lie<S extends DescMessage>(method: string, schema: S, lie: (answer: MessageShape<S>) => void): void {
		this.answers.set(method, (bytes) => {
			const answer = fromBinary(schema, bytes);
			lie(answer);
			return toBinary(schema, answer);
		});
	}

	/** The next commit has expired when it should come: the server says so by a gap. */
	loseNextCommit(): void {
		this.incoming = (frame) => {
			if (frame.body.case !== "entry" || frame.body.value.kind !== EntryKind.COMMIT) return [frame];
			const { log, seq } = frame.body.value;
			this.incoming = (later) => [later];
			const value = { log, from: seq, to: seq, reason: GapReason.EXPIRED };
			return [create(FrameSchema, { body: { case: "gap", value } })];
		};
	}

	/** Cuts the stream as a broken network does. */
	disconnect(): void {
		for (const { socket, events } of [...this.#sockets]) {
			socket.close();
			events.closed(1006);
		}
		this.#sockets.clear();
	}

	/** Frames that the server never sent. */
	inject(frames: readonly Frame[]): void {
		for (const { events } of this.#sockets) for (const frame of frames) events.message(toBinary(FrameSchema, frame));
	}

	/** Calls and files behind this middleman. */
	readonly fetchBetween =
		(fetch: DevicePorts["fetch"]): DevicePorts["fetch"] =>
		async (input, init) => {
			const method = new URL(input instanceof Request ? input.url : input).pathname.split("/").at(-1) ?? "";
			if (this.cut.has(method) || this.frozen) throw new TypeError("fetch failed");
			const response = await fetch(input, init);
			if (this.deaf.has(method) || this.frozen) throw new TypeError("fetch failed");
			const lie = this.answers.get(method);
			if (lie === undefined || !response.ok) return response;
			const body = lie(new Uint8Array(await response.arrayBuffer()));
			return new Response(new Uint8Array(body), { status: response.status, headers: response.headers });
		};

	/** The ports of the device behind this middleman. */
	readonly between = (ports: DevicePorts): DevicePorts => ({
		...ports,
		fetch: this.fetchBetween((input, init) => ports.fetch(input, init)),
		openSocket: (url, subprotocol, events) => {
			const socket = ports.openSocket(url, subprotocol, {
				message: (bytes) => {
					if (this.frozen) return;
					const frame = fromBinary(FrameSchema, bytes);
					this.received.push(frame);
					for (const shown of this.incoming(frame)) events.message(toBinary(FrameSchema, shown));
				},
				closed: events.closed,
			});
			const known = { socket, events };
			this.#sockets.add(known);
			return {
				send: (bytes) => {
					if (this.frozen) return;
					const frame = fromBinary(FrameSchema, bytes);
					this.sent.push(frame);
					for (const passed of this.outgoing(frame)) socket.send(toBinary(FrameSchema, passed));
				},
				close: (code) => {
					this.#sockets.delete(known);
					socket.close(code);
				},
			};
		},
	});
}
