/** A clock that moves when the test says so. */
import type { Clock, Timer } from "./clock.ts";

interface Waiting {
	readonly dueMs: number;
	readonly task: () => void;
}

export class ManualClock implements Clock {
	#nowMs: number;
	readonly #waiting = new Set<Waiting>();

	constructor(nowMs = Date.UTC(2026, 10, 22, 12)) {
		this.#nowMs = nowMs;
	}

	now(): number {
		return this.#nowMs;
	}

	after(delayMs: number, task: () => void): Timer {
		const waiting = { dueMs: this.#nowMs + Math.max(0, delayMs), task };
		this.#waiting.add(waiting);
		return { cancel: () => this.#waiting.delete(waiting) };
	}

	/** Moves on, and runs what falls due on the way in the order of its times. */
	advance(ms: number): void {
		const endMs = this.#nowMs + ms;
		for (;;) {
			const [next] = [...this.#waiting].sort((a, b) => a.dueMs - b.dueMs);
			if (next === undefined || next.dueMs > endMs) break;
			this.#waiting.delete(next);
			this.#nowMs = Math.max(this.#nowMs, next.dueMs);
			next.task();
		}
		this.#nowMs = endMs;
	}

	/** Moves on like a machine that slept: what fell due meanwhile runs once, at the end. For days and weeks. */
	sleep(ms: number): void {
		this.#nowMs += ms;
		this.advance(0);
	}
}
