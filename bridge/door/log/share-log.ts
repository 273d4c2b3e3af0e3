/**
 * The public share log: whatever lies in its tiles follows from the leaves in the door's store, where they became
 * durable together with the position in the outbox. So integrating may be repeated, and a crash can not fork it.
 */
import { join } from "node:path";
import type { Clock } from "@troth/protocol";
import type { NoteSigner } from "@troth/transparency";
import { type LogFile, readLogFile } from "@troth/transparency/log/read-log-file.node.ts";
import { TileLog, type WitnessAt } from "@troth/transparency/log/tile-log.node.ts";
import type { Kysely } from "kysely";
import { DoorStateError } from "../door-state-error.ts";
import type { DoorEvents } from "../events.ts";
import type { DoorRecords } from "../store/schema.ts";

export interface ShareLogOptions {
	readonly store: Kysely<DoorRecords>;
	readonly clock: Clock;
	readonly events: DoorEvents;
	/** The tiles go into a directory of their own in here. */
	readonly directory: string;
	readonly signer: NoteSigner;
	readonly witnesses: readonly WitnessAt[];
	readonly quorum: number;
}

/** Which checkpoint a proof leads to: the newest one, or the newest that enough witnesses cosigned. */
export type Checkpointed = "signed" | "witnessed";

/** Leaves read from the store in one go. */
const LEAVES_PER_READ = 4096;
/** How far back the tiles are held against the store at the start. */
const LEAVES_COMPARED = 256;

export class ShareLog implements AsyncDisposable {
	readonly #store: Kysely<DoorRecords>;
	readonly #tiles: TileLog;
	readonly #directory: string;
	/** Leaves of the store that are integrated, as far as this process knows; undefined before the first time. */
	#integrated: number | undefined;

	private constructor(store: Kysely<DoorRecords>, tiles: TileLog, directory: string) {
		this.#store = store;
		this.#tiles = tiles;
		this.#directory = directory;
	}

	/** Opens the log, a new one where there is none. Rejects with TileLogError, ProofError or StoreError. */
	static async open({ store, events, directory, ...options }: ShareLogOptions): Promise<ShareLog> {
		const inside = join(directory, "share-log");
		const tiles = await TileLog.open({ ...options, directory: inside, log: (line) => events.logSays(line) });
		return new ShareLog(store, tiles, inside);
	}

	/** Leaves that the newest published checkpoint covers; 0 until the tiles were held against the store. */
	get size(): number {
		return this.#integrated === undefined ? 0 : (this.#tiles.checkpoint?.size ?? 0);
	}

	/** Leaves that enough witnesses have seen; 0 until the tiles were held against the store. */
	get witnessedSize(): number {
		return this.#integrated === undefined ? 0 : (this.#tiles.witnessedCheckpoint?.size ?? 0);
	}

	/**
	 * Brings the log up to the store and publishes it, where there is something new. Rejects with TileLogError, and with
	 * DoorStateError where the log has leaves that the store never wrote.
	 */
	async catchUp(): Promise<void> {
		// The last leaves of the tiles are brought again: another history is found out before anything is added to it.
		let at = this.#integrated ?? Math.max(0, this.#tiles.size - LEAVES_COMPARED);
		for (;;) {
			const rows = await this.#store
				.selectFrom("leaf")
				.select("bytes")
				.where("leaf_index", ">=", at)
				.orderBy("leaf_index")
				.limit(LEAVES_PER_READ)
				.execute();
			this.#tiles.integrate(
				at,
				rows.map(({ bytes }) => bytes),
			);
			at += rows.length;
			if (rows.length < LEAVES_PER_READ) break;
		}
		if (at < this.#tiles.size) throw new DoorStateError("the share log has leaves that are not in the door's store");
		this.#integrated = at;
		// Also where nothing is new, as long as witnesses are missing: what waits for them should not wait for more.
		// And a new log, empty: auditors and witnesses find it from its first day.
		const unpublished = this.#tiles.checkpoint === undefined || at > this.size;
		if (unpublished || this.witnessedSize < this.size) await this.#tiles.publish();
	}

	/** The C2SP tlog-proof of a leaf. Throws RangeError where that checkpoint does not cover it. */
	prove(index: number, checkpointed: Checkpointed): string {
		const proof = this.#tiles.proofOf(index, { quorum: checkpointed === "witnessed" });
		if (proof === undefined) throw new RangeError("no checkpoint of this kind covers the leaf");
		return proof;
	}

	/** What is served at this path below the log's address; undefined for everything else. */
	file(path: string): Promise<LogFile | undefined> {
		return readLogFile(this.#directory, path);
	}

	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.#tiles[Symbol.asyncDispose]();
	}
}
