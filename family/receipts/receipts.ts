/**
 * The company's own log: what it did with everything that was shared with it (C7). A leaf looks like one of the share
 * log, its salt and chain value are random, and batches are filled up to a multiple of 16: how many people agreed to
 * something must not be read off this log when the share log hides it.
 */
import { randomBytes, randomInt } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { fromHex, type ShareProofSchema } from "@troth/protocol";
import { commitment, contextOf, leafOf, SALT_BYTES, type ShareRecord, shareRecordBytes } from "@troth/transparency";
import type { TileLog } from "@troth/transparency/log/tile-log.node.ts";

export type ReceiptProof = MessageInitShape<typeof ShareProofSchema>;

/** As in the share log. */
const BATCH_MULTIPLE = 16;
const HASH_BYTES = 32;

interface Opening {
	readonly record: Uint8Array<ArrayBuffer>;
	readonly salt: Uint8Array<ArrayBuffer>;
	readonly chain: Uint8Array<ArrayBuffer>;
	readonly context: Uint8Array<ArrayBuffer>;
}

interface Waiting {
	readonly openings: readonly Opening[];
	readonly settled: PromiseWithResolvers<readonly ReceiptProof[]>;
}

interface Leaf {
	readonly opening: Opening | undefined;
	readonly leaf: Uint8Array;
}

export class Receipts {
	readonly #log: TileLog;
	#waiting: Waiting[] = [];
	#signing: Promise<void> | undefined;
	#witnessing: Promise<unknown> = Promise.resolve();

	constructor(log: TileLog) {
		this.#log = log;
	}

	/** Publishes a new log, empty: who audits finds it from its first day. Rejects with TileLogError. */
	async begin(): Promise<void> {
		if (this.#log.checkpoint === undefined) await this.#log.publish();
	}

	/**
	 * Puts these into the log and resolves with their proofs, in their order, when a signed tree covers them; witnesses are
	 * asked afterwards, because a recall waits for nobody. What arrives while one is being signed shares the next. Rejects with TileLogError: then nothing may be acknowledged.
	 */
	async append(records: readonly ShareRecord[]): Promise<readonly ReceiptProof[]> {
		if (records.length === 0) return [];
		const settled = Promise.withResolvers<readonly ReceiptProof[]>();
		this.#waiting.push({ openings: records.map(openingOf), settled });
		this.#signing ??= this.#signAll().finally(() => {
			this.#signing = undefined;
		});
		return settled.promise;
	}

	async #signAll(): Promise<void> {
		while (this.#waiting.length > 0) {
			const batch = this.#waiting;
			this.#waiting = [];
			try {
				const indexes = this.#integrate(batch.flatMap(({ openings }) => openings));
				await this.#log.sign();
				for (const { openings, settled } of batch)
					settled.resolve(openings.map((opening) => this.#proofOf(opening, indexes.get(opening) ?? -1)));
			} catch (error) {
				for (const { settled } of batch) settled.reject(error);
				continue;
			}
			// What a failure leaves out is published with the next tree.
			this.#witnessing = this.#witnessing.then(() => this.#log.publish()).catch(() => {});
		}
	}

	#integrate(openings: readonly Opening[]): ReadonlyMap<Opening, number> {
		const first = this.#log.size;
		const leaves = [...byContext(openings)].flatMap(([, group]) => padded(group));
		this.#log.integrate(
			first,
			leaves.map(({ leaf }) => leaf),
		);
		const indexes = new Map<Opening, number>();
		leaves.forEach(({ opening }, at) => {
			if (opening !== undefined) indexes.set(opening, first + at);
		});
		return indexes;
	}

	#proofOf(opening: Opening, index: number): ReceiptProof {
		const proof = this.#log.proofOf(index, { quorum: false });
		if (proof === undefined) throw new TypeError("the signed tree does not cover its own leaves");
		return { ...opening, proof: new TextEncoder().encode(proof) };
	}
}

function openingOf(record: ShareRecord): Opening {
	return {
		record: shareRecordBytes(record),
		salt: new Uint8Array(randomBytes(SALT_BYTES)),
		chain: new Uint8Array(randomBytes(HASH_BYTES)),
		context: new Uint8Array(contextOf(fromHex(record.policyHash) ?? new Uint8Array(), record.t)),
	};
}

/** Leaves under different policies differ in the open, so each kind hides among padding of its own. */
function byContext(openings: readonly Opening[]): ReadonlyMap<string, readonly Opening[]> {
	return Map.groupBy(openings, ({ context }) => Buffer.from(context).toString("hex"));
}

function padded(group: readonly Opening[]): readonly Leaf[] {
	const leaves: Leaf[] = group.map((opening) => {
		const { record, salt, chain, context } = opening;
		return { opening, leaf: leafOf(commitment(salt, record), chain, context) };
	});
	const context = group[0]?.context ?? new Uint8Array(HASH_BYTES);
	while (leaves.length % BATCH_MULTIPLE !== 0)
		leaves.push({ opening: undefined, leaf: leafOf(randomBytes(HASH_BYTES), randomBytes(HASH_BYTES), context) });
	return shuffled(leaves);
}

/** Fisher and Yates. */
function shuffled<Value>(values: readonly Value[]): readonly Value[] {
	const result = [...values];
	for (let last = result.length - 1; last > 0; last--) {
		const other = randomInt(last + 1);
		const [a, b] = [result[last], result[other]];
		if (a === undefined || b === undefined) continue;
		result[last] = b;
		result[other] = a;
	}
	return result;
}
