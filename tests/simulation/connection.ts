/** One WebSocket from both ends: what is on its way, how late it is, and who knows by now that it is over. */
import type { StreamSocket as DeviceEnd, SocketEvents } from "../../client/sync/web-socket.ts";
import type { StreamSocket as NodeEnd } from "../../messenger/delivery/device-socket.ts";
import { type Age, framesAcross } from "./ages.ts";
import type { Dice } from "./dice.ts";
import type { Life } from "./life.ts";
import type { Link, NetworkWatcher, NodeDoor, ReceivingStream } from "./link.ts";
import type { Scheduler } from "./scheduler.ts";

const ABNORMAL = 1006;
const HIGH_WATER_BYTES = 16 * 1024;
/** The share of frames and requests that come twice. */
export const REPEATED = 0.02;
/** First bytes of the frames that mean the same when they come again: SendOk, Entry, Ack. */
const ACK = 0x22;
const REPEATABLE: ReadonlySet<number> = new Set([0x12, 0x1a, ACK]);

export class Connection {
	readonly link: Link;
	readonly deviceEnd: DeviceEnd;
	readonly #scheduler: Scheduler;
	readonly #dice: Dice;
	readonly #watcher: NetworkWatcher;
	readonly #life: Life;
	readonly #age: Age;
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
		this.#age = link.age;
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
			const times = frame[0] === ACK && this.#dice.chance(REPEATED) ? 2 : 1;
			for (let i = 0; i < times; i++)
				for (const heard of framesAcross(this.#age, frame, "node", this.#dice))
					this.#stream?.receive(Buffer.from(heard), true);
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
			for (const heard of framesAcross(this.#age, frame, "device", this.#dice))
				this.#arrive(heard.length, () => {
					if (this.#life.alive && !this.#deviceKnows) this.#events.message(Uint8Array.from(heard));
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
