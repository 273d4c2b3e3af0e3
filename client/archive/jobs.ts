/**
 * Files that are made while they are fetched, piece by piece: only what can be copied between threads crosses the surface
 * of a device, and nothing of a long history is kept in memory.
 */
import { ID_BYTES, toHex } from "@troth/protocol";
import { ArchiveError } from "./archive-error.ts";

/** Pieces are joined up to this size: each one is a call between threads. */
const PIECE_BYTES = 512 * 1024;
/** Jobs at once; the oldest one gives way. */
const JOBS = 4;

export class Jobs {
	readonly #random: (length: number) => Uint8Array;
	/** Oldest first. */
	readonly #jobs = new Map<string, AsyncGenerator<Uint8Array>>();

	constructor(random: (length: number) => Uint8Array) {
		this.#random = random;
	}

	/** Nothing is read before the first piece is asked for. */
	async start(pieces: AsyncGenerator<Uint8Array>): Promise<string> {
		const oldest = this.#jobs.size < JOBS ? undefined : this.#jobs.keys().next().value;
		if (oldest !== undefined) await this.stop(oldest);
		const id = toHex(this.#random(ID_BYTES));
		this.#jobs.set(id, pieces);
		return id;
	}

	/** Undefined after the last piece. Rejects with JobGone, or as the work does, and the job is over then. */
	async next(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
		const job = this.#jobs.get(id);
		if (job === undefined) throw new ArchiveError("JobGone", "no such file is being made");
		const pieces: Uint8Array[] = [];
		let length = 0;
		try {
			while (length < PIECE_BYTES) {
				const { done, value } = await job.next();
				if (done === true) break;
				pieces.push(value);
				length += value.length;
			}
		} catch (error) {
			this.#jobs.delete(id);
			throw error;
		}
		if (length === 0) {
			this.#jobs.delete(id);
			return undefined;
		}
		const piece = new Uint8Array(length);
		let at = 0;
		for (const part of pieces) {
			piece.set(part, at);
			at += part.length;
		}
		return piece;
	}

	async stop(id: string): Promise<void> {
		const job = this.#jobs.get(id);
		this.#jobs.delete(id);
		await job?.return(undefined);
	}
}
