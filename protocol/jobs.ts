/** Work that repeats on a service's clock until the service stops. A job that fails is reported and runs again. */
import type { Clock, Timer } from "./clock.ts";

/** Who is told of a job that failed. */
interface JobEvents {
	jobFailed(job: string, error: unknown): void;
}

export class Jobs implements AsyncDisposable {
	readonly #clock: Clock;
	readonly #events: JobEvents;
	readonly #timers = new Map<string, Timer>();
	readonly #running = new Set<Promise<void>>();
	#stopped = false;

	constructor(clock: Clock, events: JobEvents) {
		this.#clock = clock;
		this.#events = events;
	}

	/** Runs `job` each `everyMs`, counted from the end of the run before. */
	every(everyMs: number, name: string, job: () => Promise<void>): void {
		if (this.#stopped) return;
		const timer = this.#clock.after(everyMs, () => {
			const run = job()
				.catch((error: unknown) => this.#events.jobFailed(name, error))
				.finally(() => {
					this.#running.delete(run);
					this.every(everyMs, name, job);
				});
			this.#running.add(run);
		});
		this.#timers.set(name, timer);
	}

	/** Starts nothing more and waits for what runs. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopped = true;
		for (const timer of this.#timers.values()) timer.cancel();
		await Promise.all(this.#running);
	}
}
