/** What lies between devices and nodes, and who stands at its ends. */
import type { StreamSocket as NodeEnd } from "../../messenger/delivery/device-socket.ts";
import type { Age } from "./ages.ts";
import type { Life } from "./life.ts";

/** The way between one device and the nodes, as bad as it is now. */
export interface Link {
	readonly device: string;
	/** The node it goes to: a device does not roam between nodes (README, what is not covered). */
	home: string;
	/** Nothing gets through. */
	down: boolean;
	/** The share of requests or answers that get lost. */
	loss: number;
	/** The device takes nothing from its stream. */
	stalled: boolean;
	/** Milliseconds one way, at most. */
	latencyMs: number;
	/** What the end that knows less makes of the other one. */
	age: Age;
}

export interface Answer {
	readonly status: number;
	readonly type: string;
	readonly body: Uint8Array;
}

export interface HttpRequest {
	readonly path: string;
	readonly authorization: string | undefined;
	readonly body: Uint8Array;
}

/** Where the network ends on the server's side. */
export interface NodeDoor {
	readonly name: string;
	readonly life: Life;
	answer(request: HttpRequest, from: string): Promise<Answer>;
	/** Undefined where no stream is taken now. */
	accept(socket: NodeEnd): ReceivingStream | undefined;
}

export interface ReceivingStream {
	receive(data: Buffer, isBinary: boolean): void;
	heard(): void;
	closed(): void;
}

/** Who watches the wires. */
export interface NetworkWatcher {
	/** A frame leaves a device. */
	fromDevice(link: Link, frame: Uint8Array): void;
	/** A frame leaves a node. */
	fromNode(link: Link, frame: Uint8Array): void;
	/** A node begins to answer. */
	asked(link: Link, request: HttpRequest): void;
	/** A node has answered. */
	answered(link: Link, request: HttpRequest, answer: Answer): void;
	note(who: string, what: string, bytes?: Uint8Array): void;
}
