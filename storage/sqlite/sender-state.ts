/**
 * A device's numbering in one log as the worker holds it: either a whole row, or one answer more than an earlier
 * state. A send so costs one small object; the row is put together when it is written or read.
 */
import type { Answer } from "../ports.ts";
import type { SenderChange } from "./record.ts";

export class SenderState {
	/** Is this what the log has? Only then may the next state be stored as the difference to this one. */
	stored = false;
	/** Undefined in a whole row. */
	#before: SenderState | undefined;
	#kept: number;
	/** The last answer, or all of a whole row. */
	#answers: readonly Answer[];
	readonly lastClientSeq: number;

	private constructor(
		lastClientSeq: number,
		answers: readonly Answer[],
		before: SenderState | undefined,
		kept: number,
	) {
		this.lastClientSeq = lastClientSeq;
		this.#answers = answers;
		this.#before = before;
		this.#kept = kept;
	}

	static whole(lastClientSeq: number, answers: readonly Answer[]): SenderState {
		return new SenderState(lastClientSeq, answers, undefined, 0);
	}

	/** The state after an entry with this seq and time. */
	static after(before: SenderState | undefined, change: SenderChange, seq: number, timeMs: number): SenderState {
		if (change.kind === "full") return SenderState.whole(change.lastClientSeq, change.answers);
		const { clientSeq, digest, kept } = change;
		return new SenderState(clientSeq, [{ clientSeq, digest, seq, timeMs }], before, kept);
	}

	/** All answers, newest last. From here on this is a whole row, and what was before it can be forgotten. */
	answers(): readonly Answer[] {
		if (this.#before === undefined) return this.#answers;
		const newestFirst = [...this.#answers];
		let wanted = this.#kept;
		let state: SenderState | undefined = this.#before;
		while (state !== undefined && wanted > 0) {
			const own = state.#answers.slice(-wanted).reverse();
			newestFirst.push(...own);
			wanted = state.#before === undefined ? 0 : Math.min(wanted - own.length, state.#kept);
			state = state.#before;
		}
		this.#answers = newestFirst.reverse();
		this.#before = undefined;
		this.#kept = 0;
		return this.#answers;
	}
}
