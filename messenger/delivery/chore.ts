/** Work that the sweep of the exchange starts when it is due, never twice at a time. */
import type { Events } from "../events.ts";

export class Chore {
	readonly #name: string;
	readonly #everyMs: number;
	readonly #run: () => Promise<void>;
	readonly #events: Events;
	#dueMs = 0;
	#running = false;

	/** @param run may fail: that is noted, and the next time comes. Due for the first time with the first sweep. */
	constructor(name: string, everyMs: number, run: () => Promise<void>, events: Events) {
		this.#name = name;
		this.#everyMs = everyMs;
		this.#run = run;
		this.#events = events;
	}

	runIfDue(nowMs: number): void {
		if (nowMs < this.#dueMs || this.#running) return;
		this.#running = true;
		this.#dueMs = nowMs + this.#everyMs;
		this.#run()
			.catch((error: unknown) => this.#events.jobFailed(this.#name, error))
			.finally(() => {
				this.#running = false;
			});
	}
}
