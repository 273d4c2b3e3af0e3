/**
 * The network between devices and nodes. A stream keeps its order, as TCP does: it is late, it breaks, or it swallows
 * everything from some moment on until somebody notices. Requests come in any order, twice, or not at all, and so do
 * their answers.
 */
import type { StreamSocket as DeviceEnd, OpenSocket, SocketEvents } from "../../client/sync/web-socket.ts";
import type { StreamSocket as NodeEnd } from "../../messenger/delivery/device-socket.ts";
import type { Dice } from "./dice.ts";
import type { Life } from "./life.ts";
import type { Scheduler } from "./scheduler.ts";

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
	/** A node has answered. */
	answered(link: Link, request: HttpRequest, answer: Answer): void;
	note(who: string, what: string, bytes?: Uint8Array): void;
}

const ABNORMAL = 1006;
const HIGH_WATER_BYTES = 16 * 1024;
const REPEATED = 0.02;
/** First bytes of the frames that mean the same when they come again: SendOk, Entry, Ack. */
const ACK = 0x22;
const REPEATABLE: ReadonlySet<number> = new Set([0x12, 0x1a, ACK]);

export class Network {
	/** Nodes that take connections now. */
	readonly nodes: NodeDoor[] = [];
	readonly #scheduler: Scheduler;
	readonly #dice: Dice;
	readonly #watcher: NetworkWatcher;
	readonly #connections = new Set<Connection>();

	constructor(scheduler: Scheduler, dice: Dice, watcher: NetworkWatcher) {
		this.#scheduler = scheduler;
		this.#dice = dice;
		this.#watcher = watcher;
	}

	/** Breaks what this device has open. `silently`: neither side is told, everything is swallowed. */
	breakStreams(link: Link, silently: boolean): void {
		for (const connection of [...this.#connections])
			if (connection.link === link) silently ? connection.swallow() : connection.snap();
	}

	/** From now on nothing gets through, until `link.down` is taken back; what is open swallows everything. */
	cut(link: Link): void {
		link.down = true;
		this.breakStreams(link, true);
	}

	/** The stalled device reads again. */
	resume(link: Link): void {
		link.stalled = false;
		for (const connection of this.#connections) if (connection.link === link) connection.drain();
	}

	// ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────────

	/** `fetch` of a program on a device. */
	fetch(life: Life, link: Link): typeof fetch {
		return ((input: string | URL, init: RequestInit = {}) => {
			const { pathname } = new URL(input);
			const headers = new Headers(init.headers);
			const request: HttpRequest = {
				path: pathname,
				authorization: headers.get("authorization") ?? undefined,
				body: Uint8Array.from((init.body as Uint8Array | null) ?? []),
			};
			return new Promise((resolve, reject) => {
				const { signal } = init;
				signal?.addEventListener("abort", () => life.alive && reject(signal.reason));
				this.#request(
					life,
					link,
					request,
					(answer) => life.alive && resolve(toResponse(answer)),
					() => life.alive && reject(new TypeError("fetch failed")),
				);
			});
		}) as typeof fetch;
	}

	#request(life: Life, link: Link, request: HttpRequest, answered: (answer: Answer) => void, failed: () => void): void {
		if (!life.alive) return;
		this.#watcher.note(link.device, `asks ${request.path.split("/").at(-1)}`, request.body);
		this.#scheduler.after(this.#latency(link), () => {
			const node = this.#nodeOf(link);
			// A connection that is refused is told at once; what is lost on the way shows by its silence.
			if (node === undefined) return void this.#scheduler.after(this.#latency(link), failed);
			if (link.down || this.#dice.chance(link.loss)) {
				if (this.#dice.chance(0.7)) this.#scheduler.after(this.#latency(link), failed);
				return;
			}
			if (this.#dice.chance(REPEATED))
				this.#scheduler.after(this.#dice.between(0, 2000), () => void this.#serve(node, link, request));
			void this.#serve(node, link, request).then((answer) => {
				this.#scheduler.after(this.#latency(link), () => {
					if (answer === undefined) failed();
					else if (!link.down && !this.#dice.chance(link.loss)) answered(answer);
					else if (this.#dice.chance(0.7)) failed();
				});
			});
		});
	}

	/** Undefined where the node died over it. */
	#serve(node: NodeDoor, link: Link, request: HttpRequest): Promise<Answer | undefined> {
		return new Promise((resolve) => {
			if (!node.life.alive) return resolve(undefined);
			node.life.onEnd(() => resolve(undefined));
			void node.answer(request, link.device).then((answer) => {
				if (!node.life.alive) return;
				this.#watcher.note(node.name, `answers ${request.path.split("/").at(-1)} ${answer.status}`, answer.body);
				this.#watcher.answered(link, request, answer);
				resolve(answer);
			});
		});
	}

	#nodeOf(link: Link): NodeDoor | undefined {
		return this.nodes.find(({ name }) => name === link.home);
	}

	#latency(link: Link): number {
		return this.#dice.between(1, link.latencyMs);
	}

	// ── Streams ──────────────────────────────────────────────────────────────────────────────────────────────────

	openSocket(life: Life, link: Link): OpenSocket {
		return (_url, _subprotocol, events) => {
			const connection = new Connection(this.#scheduler, this.#dice, this.#watcher, life, link, events);
			this.#connections.add(connection);
			connection.onOver(() => this.#connections.delete(connection));
			this.#scheduler.after(this.#latency(link), () => {
				const node = link.down ? undefined : this.#nodeOf(link);
				if (node === undefined) connection.snap();
				else connection.connect(node);
			});
			return connection.deviceEnd;
		};
	}
}

/** What connect's transport reads of a response. */
function toResponse({ status, type, body }: Answer): Response {
	const response = {
		status,
		ok: status === 200,
		headers: new Headers({ "content-type": type }),
		arrayBuffer: async () => Uint8Array.from(body).buffer,
		json: async () => JSON.parse(new TextDecoder().decode(body)) as unknown,
	};
	return response as unknown as Response;
}

/** One WebSocket from both ends. */
class Connection {
	readonly link: Link;
	readonly deviceEnd: DeviceEnd;
	readonly #scheduler: Scheduler;
	readonly #dice: Dice;
	readonly #watcher: NetworkWatcher;
	readonly #life: Life;
	readonly #events: SocketEvents;
	readonly #overs: (() => void)[] = [];
	readonly #drainWaiters: (() => void)[] = [];
	#node: NodeDoor | undefined;
	#stream: ReceivingStream | undefined;
	/** When the last frame of each direction arrives: none overtakes another. */
	#upMs = 0;
	#downMs = 0;
	/** Frames on their way to a device that takes none. */
	#stalled: { readonly bytes: number; readonly arrive: () => void }[] = [];
	#stalledBytes = 0;
	#swallows = false;
	#deviceKnows = false;
	#nodeKnows = false;

	constructor(scheduler: Scheduler, dice: Dice, watcher: NetworkWatcher, life: Life, link: Link, events: SocketEvents) {
		this.#scheduler = scheduler;
		this.#dice = dice;
		this.#watcher = watcher;
		this.#life = life;
		this.link = link;
		this.#events = events;
		// The operating system closes what a dead program had open; a machine without power closes nothing.
		life.onEnd(() => {
			this.#deviceKnows = true;
			if (this.#dice.chance(0.7)) this.#tellNode();
			else this.swallow();
		});
		this.deviceEnd = {
			send: (bytes) => this.#up(Uint8Array.from(bytes)),
			close: () => {
				this.#tellDevice(ABNORMAL, 0);
				this.#tellNode();
			},
		};
	}

	onOver(over: () => void): void {
		this.#overs.push(over);
	}

	connect(node: NodeDoor): void {
		if (this.#deviceKnows) return;
		const stream = node.life.alive ? node.accept(this.#nodeEnd()) : undefined;
		if (stream === undefined) {
			this.snap();
			return;
		}
		this.#node = node;
		this.#stream = stream;
		node.life.onEnd(() => {
			this.#nodeKnows = true;
			if (this.#dice.chance(0.7)) this.#tellDevice(ABNORMAL, this.#latency());
			else this.swallow();
		});
	}

	/** Broken: both sides find out, each in its time; what is on its way is lost. */
	snap(): void {
		this.swallow();
		this.#tellDevice(ABNORMAL, this.#latency());
		this.#tellNode();
	}

	/** Nothing gets through any more, and nobody is told. */
	swallow(): void {
		this.#swallows = true;
		this.#stalled = [];
	}

	/** The device takes what waited for it. */
	drain(): void {
		const waiting = this.#stalled;
		this.#stalled = [];
		this.#stalledBytes = 0;
		for (const { arrive } of waiting) arrive();
		for (const drained of this.#drainWaiters.splice(0))
			this.#scheduler.after(0, () => this.#node?.life.alive && drained());
	}

	#latency(): number {
		return this.#dice.between(1, this.link.latencyMs);
	}

	#over(): void {
		if (this.#deviceKnows && this.#nodeKnows) for (const over of this.#overs.splice(0)) over();
	}

	#tellDevice(code: number, delayMs: number): void {
		const tell = () => {
			if (this.#deviceKnows) return;
			this.#deviceKnows = true;
			this.#over();
			if (this.#life.alive) this.#events.closed(code);
		};
		if (delayMs === 0) tell();
		else this.#scheduler.after(delayMs, tell);
	}

	#tellNode(): void {
		if (this.#node === undefined) this.#nodeKnows = true;
		if (this.#nodeKnows) {
			this.#over();
			return;
		}
		// It comes after what was sent before it.
		this.#upMs = Math.max(this.#upMs, this.#scheduler.now() + this.#latency());
		this.#scheduler.after(this.#upMs - this.#scheduler.now(), () => {
			if (this.#nodeKnows) return;
			this.#nodeKnows = true;
			this.#over();
			if (this.#node?.life.alive === true) this.#stream?.closed();
		});
	}

	// ── Up ───────────────────────────────────────────────────────────────────────────────────────────────────────

	#up(frame: Uint8Array): void {
		if (!this.#life.alive || this.#deviceKnows) return;
		this.#watcher.fromDevice(this.link, frame);
		this.#upMs = Math.max(this.#upMs, this.#scheduler.now() + this.#latency());
		this.#scheduler.after(this.#upMs - this.#scheduler.now(), () => {
			if (this.#swallows || this.#nodeKnows || this.#node?.life.alive !== true) return;
			this.#stream?.receive(Buffer.from(frame), true);
			if (frame[0] === ACK && this.#dice.chance(REPEATED)) this.#stream?.receive(Buffer.from(frame), true);
		});
	}

	// ── Down ─────────────────────────────────────────────────────────────────────────────────────────────────────

	#nodeEnd(): NodeEnd {
		const close = (code: number) => {
			if (this.#nodeKnows) return;
			this.#scheduler.after(0, () => {
				if (this.#nodeKnows) return;
				this.#nodeKnows = true;
				this.#over();
				if (this.#node?.life.alive === true) this.#stream?.closed();
			});
			this.#arrive(0, () => this.#tellDevice(code, 0));
		};
		const stalledBytes = () => this.#stalledBytes;
		return {
			transport: {
				destroyed: false,
				get writableLength() {
					return stalledBytes();
				},
				get writableNeedDrain() {
					return stalledBytes() > HIGH_WATER_BYTES;
				},
				write: (bytes) => {
					for (const frame of unwrapped(bytes)) this.#down(frame);
					return this.#stalledBytes <= HIGH_WATER_BYTES;
				},
				once: (_event, listener) => this.#drainWaiters.push(listener),
			},
			pause: () => {},
			resume: () => {},
			ping: () =>
				this.#arrive(0, () => {
					if (this.#life.alive) this.#scheduler.after(this.#latency(), () => !this.#swallows && this.#stream?.heard());
				}),
			pong: () => {},
			close,
			terminate: () => close(ABNORMAL),
		};
	}

	#down(frame: Uint8Array): void {
		if (this.#node?.life.alive !== true && this.#node !== undefined) return;
		this.#watcher.fromNode(this.link, frame);
		const times = REPEATABLE.has(frame[0] ?? 0) && this.#dice.chance(REPEATED) ? 2 : 1;
		for (let i = 0; i < times; i++)
			this.#arrive(frame.length, () => {
				if (this.#life.alive && !this.#deviceKnows) this.#events.message(Uint8Array.from(frame));
			});
	}

	/** At the device, after what was sent before. */
	#arrive(bytes: number, arrived: () => void): void {
		if (this.#swallows) return;
		this.#downMs = Math.max(this.#downMs, this.#scheduler.now() + this.#latency());
		const deliver = () => {
			if (!this.#swallows) arrived();
		};
		if (this.link.stalled) {
			this.#stalled.push({ bytes, arrive: deliver });
			this.#stalledBytes += bytes;
		} else this.#scheduler.after(this.#downMs - this.#scheduler.now(), deliver);
	}
}

/** The payloads of complete, unmasked WebSocket messages (RFC 6455 section 5.2). */
function* unwrapped(bytes: Buffer): Generator<Uint8Array> {
	for (let at = 0; at < bytes.length; ) {
		const short = bytes[at + 1] ?? 0;
		const header = short < 126 ? 2 : short === 126 ? 4 : 10;
		const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
		yield Uint8Array.from(bytes.subarray(at + header, at + header + length));
		at += header + length;
	}
}
