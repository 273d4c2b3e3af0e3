/** Work that is asked for often and done once at a time. */

export class Job implements AsyncDisposable {
	readonly #work: () => Promise<void>;
	readonly #failed: (error: unknown) => void;
	#running: Promise<void> | undefined;
	#again = false;
	#stopped = false;

	/** @param work may fail: `failed` hears of it, and the next kick tries again. */
	constructor(work: () => Promise<void>, failed: (error: unknown) => void) {
		this.#work = work;
		this.#failed = failed;
	}

	/** Has the work done soon: now, or once more after the run that is under way. */
	kick(): void {
		if (this.#stopped) return;
		if (this.#running !== undefined) {
			this.#again = true;
			return;
		}
		this.#again = false;
		this.#running = this.#work()
			.catch(this.#failed)
			.finally(() => {
				this.#running = undefined;
				if (this.#again) this.kick();
			});
	}

	/** Resolves when nothing runs and nothing is asked for. */
	async idle(): Promise<void> {
		while (this.#running !== undefined) await this.#running;
	}

	/** Starts nothing more and waits for what runs. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopped = true;
		await this.idle();
	}
}
