/**
 * One run of a program, from its start to its end. After a kill nothing of it has any effect: its timers do not fire,
 * its disk and its network take nothing more from it, and what it waits for never comes.
 */
import type { Clock, Timer } from "@troth/protocol";
import type { Scheduler } from "./scheduler.ts";

/** A machine: what it thinks the time is outlives its programs. */
export interface Host {
	readonly name: string;
	/** Its wall clock minus the true time. */
	clockErrorMs: number;
}

export class Life implements Clock {
	readonly host: Host;
	readonly #scheduler: Scheduler;
	readonly #ends: (() => void)[] = [];
	#alive = true;

	constructor(host: Host, scheduler: Scheduler) {
		this.host = host;
		this.#scheduler = scheduler;
	}

	get alive(): boolean {
		return this.#alive;
	}

	/** The process ends between two steps of it. */
	kill(): void {
		if (!this.#alive) return;
		this.#alive = false;
		for (const end of this.#ends.splice(0)) end();
	}

	/** What the world does when this life ends. */
	onEnd(end: () => void): void {
		this.#ends.push(end);
	}

	now(): number {
		return Math.floor(this.#scheduler.now()) + this.host.clockErrorMs;
	}

	/** Timers count the time that passes, whatever the wall clock says. */
	after(delayMs: number, task: () => void): Timer {
		return this.#scheduler.after(delayMs, () => {
			if (this.#alive) task();
		});
	}

	/** Does `work` after a while, and hands over what it gives; to the dead nothing is handed. */
	later<T>(delayMs: number, work: () => T | Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			if (!this.#alive) return;
			this.#scheduler.after(delayMs, () => {
				if (!this.#alive) return;
				new Promise<T>((give) => give(work())).then(
					(value) => this.#alive && resolve(value),
					(error: unknown) => this.#alive && reject(error),
				);
			});
		});
	}
}
