/** Hints between the parts of one process. Every listener gets its own copy, after the publisher has gone on. */
import type { HintBus } from "../ports.ts";

type Listener = (payload: Uint8Array) => void;

export class ProcessHintBus implements HintBus {
	readonly #topics = new Map<string, Set<Listener>>();

	publish(topic: string, payload: Uint8Array): void {
		const bytes = payload.slice();
		for (const listener of this.#topics.get(topic) ?? []) {
			// A microtask, so that a listener never runs inside its publisher and a throwing one harms nobody else.
			queueMicrotask(() => {
				if (this.#topics.get(topic)?.has(listener)) listener(bytes.slice());
			});
		}
	}

	subscribe(topic: string, listener: Listener): () => void {
		// The same function may subscribe twice; each subscription ends on its own.
		const own: Listener = (payload) => listener(payload);
		const listeners = this.#topics.get(topic) ?? new Set();
		this.#topics.set(topic, listeners.add(own));
		return () => {
			listeners.delete(own);
			if (listeners.size === 0 && this.#topics.get(topic) === listeners) this.#topics.delete(topic);
		};
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#topics.clear();
	}
}
