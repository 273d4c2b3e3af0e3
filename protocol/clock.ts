/**
 * The one clock. Every component takes a `Clock`; the sandbox and the simulation move it, and nothing outside this
 * file asks the machine for the time.
 */

/** Wall clock and timers of one component. All times are UTC milliseconds. */
export interface Clock {
	now(): number;
	/** Runs `task` once, `delayMs` from now on this clock. */
	after(delayMs: number, task: () => void): Timer;
}

export interface Timer {
	cancel(): void;
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's clock, moved forward by an offset that only the sandbox changes. */
export class SystemClock implements Clock {
	#offsetMs = 0;
	readonly #pending = new Set<PendingTimer>();

	now(): number {
		return Date.now() + this.#offsetMs;
	}

	after(delayMs: number, task: () => void): Timer {
		const timer: PendingTimer = { dueMs: this.now() + Math.max(0, delayMs), task, handle: undefined };
		this.#pending.add(timer);
		this.#arm(timer);
		return {
			cancel: () => {
				clearTimeout(timer.handle);
				this.#pending.delete(timer);
			},
		};
	}

	/** Moves the clock forward; timers that fall due run in the order of their times, soon after. */
	advance(ms: number): void {
		if (!(ms >= 0)) throw new RangeError("the clock only moves forward");
		this.#offsetMs += ms;
		for (const timer of [...this.#pending].sort((a, b) => a.dueMs - b.dueMs)) {
			clearTimeout(timer.handle);
			this.#arm(timer);
		}
	}

	#arm(timer: PendingTimer): void {
		const wait = Math.min(Math.max(0, timer.dueMs - this.now()), LONGEST_TIMEOUT_MS);
		timer.handle = setTimeout(() => {
			if (this.now() < timer.dueMs) return this.#arm(timer);
			this.#pending.delete(timer);
			timer.task();
		}, wait);
	}
}

interface PendingTimer {
	readonly dueMs: number;
	readonly task: () => void;
	handle: ReturnType<typeof setTimeout> | undefined;
}

/** Resolves after `delayMs` on this clock, or at once when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal?.aborted) return resolve();
		const timer = clock.after(delayMs, () => {
			signal?.removeEventListener("abort", stop);
			resolve();
		});
		const stop = () => {
			timer.cancel();
			resolve();
		};
		signal?.addEventListener("abort", stop, { once: true });
	});
}
