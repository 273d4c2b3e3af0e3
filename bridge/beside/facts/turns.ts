/**
 * Takes turns at somebody else's door: at most so many at once, few waiting, and after a failure nobody for a while. A
 * host that is slow or down must hold up neither what needs nothing of it nor itself.
 */
import type { Clock } from "@troth/protocol";
import { FieldsUnavailable } from "../../door/source/share-source.ts";

const MOST_WAITING = 1000;
/** After a failure who asks is told so at once. */
const PAUSE_MS = 2_000;

export class Turns {
	readonly #clock: Clock;
	readonly #atOnce: number;
	#running = 0;
	#quietUntilMs = 0;
	readonly #waiting: (() => void)[] = [];

	constructor(clock: Clock, atOnce: number) {
		this.#clock = clock;
		this.#atOnce = atOnce;
	}

	/** Does the work when it is its turn. Rejects with FieldsUnavailable, whatever the work failed with. */
	async take<Value>(work: () => Promise<Value>): Promise<Value> {
		this.#assertOpen();
		if (this.#running >= this.#atOnce) {
			if (this.#waiting.length >= MOST_WAITING) throw new FieldsUnavailable("too many wait for the host already");
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		} else this.#running++;
		try {
			this.#assertOpen();
			return await work();
		} catch (error) {
			if (error instanceof FieldsUnavailable) throw error;
			this.#quietUntilMs = this.#clock.now() + PAUSE_MS;
			throw new FieldsUnavailable("the host does not answer", { cause: error });
		} finally {
			// The place goes to the next one, or is free.
			const next = this.#waiting.shift();
			if (next === undefined) this.#running--;
			else next();
		}
	}

	#assertOpen(): void {
		if (this.#clock.now() < this.#quietUntilMs) throw new FieldsUnavailable("the host did not answer just now");
	}
}
