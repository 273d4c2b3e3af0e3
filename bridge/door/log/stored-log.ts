/**
 * A public log whose leaves lie in order somewhere else, where they became durable first: whatever is in the tiles
 * follows from them. So integrating may be repeated, and a crash can not fork the log.
 */
import { type LogFile, readLogFile } from "@troth/transparency/log/read-log-file.node.ts";
import { type Published, TileLog, type TileLogOptions } from "@troth/transparency/log/tile-log.node.ts";
import { DoorStateError } from "../door-state-error.ts";
import type { DoorEvents } from "../events.ts";

export interface StoredLogOptions
	extends Pick<TileLogOptions, "directory" | "signer" | "witnesses" | "quorum" | "clock"> {
	readonly events: DoorEvents;
	/** Leaves from this index on, in order, at most `limit`; fewer where there are no more. */
	readonly read: (from: number, limit: number) => Promise<readonly Uint8Array[]>;
}

/** Which checkpoint a proof leads to: the newest that is signed, or the newest that enough witnesses cosigned. */
export type Checkpointed = "signed" | "witnessed";

/** Leaves read in one go. */
const LEAVES_PER_READ = 4096;
/** How far back the tiles are held against what is stored at the start. */
const LEAVES_COMPARED = 256;

export class StoredLog implements AsyncDisposable {
	readonly #tiles: TileLog;
	readonly #options: StoredLogOptions;
	/** Stored leaves that are integrated, as far as this process knows; undefined before the first time. */
	#integrated: number | undefined;

	private constructor(tiles: TileLog, options: StoredLogOptions) {
		this.#tiles = tiles;
		this.#options = options;
	}

	/** Opens the log, a new one where there is none. Rejects with TileLogError, ProofError or StoreError. */
	static async open(options: StoredLogOptions): Promise<StoredLog> {
		const { directory, signer, witnesses, quorum, clock, events } = options;
		const log = (line: string) => events.logSays(line);
		return new StoredLog(await TileLog.open({ directory, signer, witnesses, quorum, clock, log }), options);
	}

	get vkey(): string {
		return this.#options.signer.vkey;
	}

	/** Leaves that the newest signed tree covers; 0 until the tiles were held against what is stored. */
	get size(): number {
		return this.#integrated === undefined ? 0 : this.#tiles.signedSize;
	}

	/** Leaves that enough witnesses have seen; 0 until the tiles were held against what is stored. */
	get witnessedSize(): number {
		return this.witnessed?.size ?? 0;
	}

	/** The newest checkpoint that enough witnesses have seen; undefined like `witnessedSize`. */
	get witnessed(): Published | undefined {
		return this.#integrated === undefined ? undefined : this.#tiles.witnessedCheckpoint;
	}

	/**
	 * Brings the log up to what is stored and signs it: what waits for no witness can leave then. Rejects with
	 * TileLogError, and with DoorStateError where the log has leaves that were never stored.
	 */
	async catchUp(): Promise<void> {
		// The last leaves of the tiles are brought again: another history is found out before anything is added to it.
		let at = this.#integrated ?? Math.max(0, this.#tiles.size - LEAVES_COMPARED);
		for (;;) {
			const leaves = await this.#options.read(at, LEAVES_PER_READ);
			this.#tiles.integrate(at, leaves);
			at += leaves.length;
			if (leaves.length < LEAVES_PER_READ) break;
		}
		if (at < this.#tiles.size)
			throw new DoorStateError(`${this.#options.signer.name} has leaves that are not in the store`);
		this.#integrated = at;
		// A new log is published empty: auditors and witnesses find it from its first day.
		if (this.#tiles.checkpoint === undefined || at > this.#tiles.signedSize) await this.#tiles.sign();
	}

	/** Has what is signed cosigned and serves it, where that is missing. Waits for witnesses. Rejects with TileLogError. */
	async publish(): Promise<void> {
		if (this.#integrated === undefined) return;
		const { checkpoint, signedSize } = this.#tiles;
		// Also where nothing is new, as long as witnesses are missing: what waits for them should not wait for more.
		if (checkpoint === undefined || checkpoint.size < signedSize || this.witnessedSize < signedSize)
			await this.#tiles.publish();
	}

	/** The C2SP tlog-proof of a leaf. Throws RangeError where that checkpoint does not cover it. */
	prove(index: number, checkpointed: Checkpointed): string {
		const proof = this.#tiles.proofOf(index, { quorum: checkpointed === "witnessed" });
		if (proof === undefined) throw new RangeError("no checkpoint of this kind covers the leaf");
		return proof;
	}

	/** What is served at this path below the log's address; undefined for everything else. */
	file(path: string): Promise<LogFile | undefined> {
		return readLogFile(this.#options.directory, path);
	}

	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.#tiles[Symbol.asyncDispose]();
	}
}
