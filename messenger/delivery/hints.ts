/**
 * Wake-ups between nodes: "this log has moved", for members that are not attached where the entry was stored. The
 * store is the truth; a hint that is lost costs only the time until the next recheck (promise 10). With one node
 * nobody but the node itself listens, and it knows already.
 *
 * Payload: 8 bytes that name the node, then 16 bytes per log.
 */
import { randomBytes } from "node:crypto";
import { ID_BYTES, type LogId } from "@troth/protocol";
import type { HintBus } from "@troth/storage";
import type { LogOwner } from "./log-owner.ts";

const TOPIC = "troth/log-moved";
const NODE_BYTES = 8;

export class Hints {
	readonly #bus: HintBus;
	readonly #node = randomBytes(NODE_BYTES);
	readonly #unsubscribe: () => void;
	#moved = new Set<Pick<LogOwner, "logBytes">>();
	#closed = false;

	constructor(bus: HintBus, moved: (log: LogId) => void) {
		this.#bus = bus;
		this.#unsubscribe = bus.subscribe(TOPIC, (payload) => {
			const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
			if (bytes.length < NODE_BYTES || bytes.subarray(0, NODE_BYTES).equals(this.#node)) return;
			for (let at = NODE_BYTES; at + ID_BYTES <= bytes.length; at += ID_BYTES)
				moved(bytes.toString("hex", at, at + ID_BYTES) as LogId);
		});
	}

	/** Tells the other nodes, once for all that is stored in this turn of the event loop. */
	publish(owner: Pick<LogOwner, "logBytes">): void {
		if (this.#closed) return;
		if (this.#moved.size === 0) setImmediate(this.#flush);
		this.#moved.add(owner);
	}

	readonly #flush = (): void => {
		if (this.#closed) return;
		const payload = Buffer.concat([this.#node, ...[...this.#moved].map(({ logBytes }) => logBytes)]);
		this.#moved.clear();
		this.#bus.publish(TOPIC, payload);
	};

	close(): void {
		this.#closed = true;
		this.#unsubscribe();
	}
}
