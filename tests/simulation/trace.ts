/** What happened, line by line, and a hash over all of it: two runs of one seed have the same. */
import { createHash, hash } from "node:crypto";
import type { Scheduler } from "./scheduler.ts";

export class Trace {
	readonly #scheduler: Scheduler;
	readonly #startMs: number;
	readonly #hash = createHash("sha256");
	readonly #told: ((line: string) => void) | undefined;

	/** @param told gets every line; without it only the hash is kept */
	constructor(scheduler: Scheduler, told?: (line: string) => void) {
		this.#scheduler = scheduler;
		this.#startMs = scheduler.now();
		this.#told = told;
	}

	/**
	 * Something happened at somebody's. Bytes go in by their digest; `detail` is for who reads the story, and is not
	 * made where nobody does.
	 */
	note(who: string, what: string, bytes?: Uint8Array, detail?: () => string): void {
		const atMs = (this.#scheduler.now() - this.#startMs).toFixed(1);
		const digest = bytes === undefined ? "" : brief(bytes);
		this.#hash.update(`${atMs} ${who} ${what} ${digest}\n`);
		this.#told?.(`${atMs.padStart(9)}  ${who.padEnd(8)} ${what} ${detail?.() ?? digest}`);
	}

	digest(): string {
		return this.#hash.copy().digest("hex");
	}
}

/** Enough of a digest to tell bytes apart. */
export function brief(bytes: Uint8Array): string {
	return hash("sha1", bytes, "hex").slice(0, 10);
}

/** An error in one line of the story. */
export function describe(error: unknown): string {
	return error instanceof Error
		? `${error.name}: ${error.message} ${error.stack?.split("\n")[1]?.trim() ?? ""}`
		: String(error);
}
