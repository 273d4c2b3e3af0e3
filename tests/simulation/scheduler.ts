/**
 * Virtual time. Everything that happens in a simulation is an event here: a frame that arrives, a disk that has synced,
 * a timer. Events run one after the other in the order of their times, and of their making where the times are equal;
 * between two of them everything that the first set in motion comes to rest.
 */

/** The real one: between two turns of it Node has run every microtask there is. */
const nextTurn = setImmediate;

interface Event {
	readonly atMs: number;
	readonly order: number;
	task: (() => void) | undefined;
}

export interface Scheduled {
	cancel(): void;
}

export class Scheduler {
	#nowMs: number;
	#order = 0;
	#skipped = false;
	/** A binary heap, the next event first. */
	readonly #events: Event[] = [];

	/** @param nowMs UTC milliseconds */
	constructor(nowMs: number) {
		this.#nowMs = nowMs;
	}

	now(): number {
		return this.#nowMs;
	}

	/** Events so far: how much happened. */
	get count(): number {
		return this.#order;
	}

	/** Runs `task` once, so many virtual milliseconds from now. */
	after(delayMs: number, task: () => void): Scheduled {
		const event: Event = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, task };
		this.#push(event);
		return {
			cancel: () => {
				event.task = undefined;
			},
		};
	}

	/** Resolves after so many virtual milliseconds. */
	sleep(delayMs: number): Promise<void> {
		return new Promise((resolve) => void this.after(delayMs, resolve));
	}

	/** Lets time pass until `promise` is settled, and gives what it gives. Throws Deadlock where nothing is left to happen. */
	async run<T>(promise: Promise<T>): Promise<T> {
		let settled = false;
		const done = () => {
			settled = true;
		};
		promise.then(done, done);
		for (;;) {
			await new Promise((resolve) => nextTurn(resolve));
			if (settled) return promise;
			let event = this.#pop();
			while (event !== undefined && event.task === undefined) event = this.#pop();
			if (event === undefined) throw new Deadlock();
			this.#nowMs = Math.max(this.#nowMs, event.atMs);
			const { task } = event;
			event.task = undefined;
			task?.();
		}
	}

	/** Everybody sleeps: time has passed at once, and what fell due meanwhile happens once, now, in its order. */
	skip(ms: number): void {
		this.#nowMs += ms;
		this.#skipped = true;
	}

	/** Was there a time in which everybody slept? */
	get skipped(): boolean {
		return this.#skipped;
	}

	#push(event: Event): void {
		const heap = this.#events;
		let at = heap.push(event) - 1;
		while (at > 0) {
			const above = (at - 1) >> 1;
			const parent = heap[above];
			if (parent === undefined || !isBefore(event, parent)) break;
			heap[at] = parent;
			at = above;
		}
		heap[at] = event;
	}

	#pop(): Event | undefined {
		const heap = this.#events;
		const first = heap[0];
		const last = heap.pop();
		if (first === undefined || last === undefined || heap.length === 0) return first;
		let at = 0;
		for (;;) {
			let below = 2 * at + 1;
			const left = heap[below];
			const right = heap[below + 1];
			if (left === undefined) break;
			if (right !== undefined && isBefore(right, left)) below++;
			const child = heap[below] as Event;
			if (!isBefore(child, last)) break;
			heap[at] = child;
			at = below;
		}
		heap[at] = last;
		return first;
	}
}

function isBefore(a: Event, b: Event): boolean {
	return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Somebody waits, and nothing is left that could happen. */
export class Deadlock extends Error {
	override readonly name = "Deadlock";
	constructor() {
		super("somebody waits for something that can not happen any more");
	}
}
