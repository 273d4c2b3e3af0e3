/**
 * A transparency log as C2SP tlog-tiles: files that anybody may be given, and a checkpoint that witnesses cosign.
 *
 * The order of things is what makes it safe. Leaves are integrated in memory. To publish, first the tiles and entries
 * become durable, then the signed checkpoint (the file `signed`), and only then does the signature leave the process: a
 * crash at any point finds either the old tree or everything that a signed tree needs, and never signs another tree of
 * the same size. What is integrated and not published is the caller's to bring again.
 *
 * Signing and publishing are two steps, because publishing waits for witnesses and taking something back must not.
 */
import type { Clock, Timer } from "@troth/protocol";
import { type Checkpoint, formatCheckpoint } from "../checkpoint/checkpoint.ts";
import { openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { sameHash } from "../merkle/hash.ts";
import type { TreeHead } from "../merkle/tree.ts";
import type { NoteSigner } from "../note/ed25519.ts";
import { formatNote, formatSignatureLine, type NoteSignature, parseNote, signaturesBy } from "../note/signed-note.ts";
import { parseVerifierKey } from "../note/verifier-key.ts";
import { formatProof } from "../proof/tlog-proof.ts";
import { ProofError } from "../proof-error.ts";
import { DISK, DurableFiles, type FileSystem } from "./durable-files.node.ts";
import { LogTree } from "./log-tree.ts";
import { nativeLeafHash, nativeNodeHash } from "./node-hash.node.ts";
import { TileLogError } from "./tile-log-error.ts";
import { type WitnessAt, WitnessClient } from "./witness-client.ts";

export { readLogFile } from "./read-log-file.node.ts";
export { TileLogError } from "./tile-log-error.ts";
export type { WitnessAt } from "./witness-client.ts";

export interface TileLogOptions {
	/** Of this log alone, and opened by one process at a time. */
	readonly directory: string;
	/** Its name is the log's origin. */
	readonly signer: NoteSigner;
	readonly witnesses: readonly WitnessAt[];
	/** How many witnesses have to cosign before a checkpoint counts as witnessed. */
	readonly quorum: number;
	readonly clock: Clock;
	/** For witnesses; the global one where it is left out. */
	readonly fetch?: typeof fetch;
	/** One line whenever a witness does not do its part. */
	readonly log?: (line: string) => void;
	/** The disk, where it is left out. */
	readonly fileSystem?: FileSystem;
}

/** A checkpoint and what became of it. */
export interface Published extends Checkpoint {
	/** The signed note with the cosignatures. */
	readonly note: string;
	/** Names of the witnesses that cosigned. */
	readonly witnessed: readonly string[];
	/** Enough of them. */
	readonly quorum: boolean;
}

interface SignedTree extends TreeHead {
	/** Without cosignatures. */
	readonly note: string;
	/** By witness. */
	readonly cosignatures: Map<string, NoteSignature>;
	/** Partial tiles that nobody needs any more once this tree is served. */
	readonly replaces: string[];
}

/** Signed, durable; the next checkpoint is written from it. Not served. */
const SIGNED = "signed";
/** What is served: the latest tree with the cosignatures it got. */
const CHECKPOINT = "checkpoint";
/** The latest one with a quorum, where `checkpoint` has none. Not served. */
const WITNESSED = "witnessed";

/** Put there by who restores the log from a backup: it signs nothing before witnesses have said how far it was. */
const RESTORED = "restored";

/** Cosignatures that are missing are asked for again after this time, also when nothing is published. */
const ASK_AGAIN_MS = 2_000;
/** A log that signed before waits so long after it is opened for witnesses to say how far it was. */
const COMPARE_WITHIN_MS = 10 * 60_000;

const HASHERS = { leaf: nativeLeafHash, node: nativeNodeHash };

export class TileLog implements AsyncDisposable {
	readonly #options: TileLogOptions;
	readonly #files: DurableFiles;
	readonly #tree: LogTree;
	readonly #witnesses: readonly WitnessClient[];
	/** The tree that was signed last; its files are durable. */
	#signed: SignedTree | undefined;
	#latest: Published | undefined;
	#witnessed: Published | undefined;
	/** The largest tree that a witness saw and we know of: what is signed has to go on from there. */
	#seen: TreeHead | undefined;
	readonly #compared = new Set<WitnessClient>();
	/** Asked how far the log was, and not answered yet. */
	readonly #comparing = new Set<WitnessClient>();
	/** Until when it signs nothing that witnesses were not asked about; Infinity where it was restored. */
	#comparesUntilMs: number;
	#signing: Promise<unknown> = Promise.resolve();
	#publishing: Promise<unknown> = Promise.resolve();
	#askAgain: Timer | undefined;
	/** Why it signs nothing any more. */
	#stopped: TileLogError | undefined;

	private constructor(options: TileLogOptions, files: DurableFiles) {
		this.#options = options;
		this.#files = files;
		const request = options.fetch ?? fetch;
		this.#witnesses = options.witnesses.map((at) => new WitnessClient(at, options.clock, request));
		const signed = this.#readNote(SIGNED);
		this.#signed = signed && { ...signed, cosignatures: new Map(), replaces: [] };
		const waits = signed === undefined ? 0 : COMPARE_WITHIN_MS;
		this.#comparesUntilMs = files.read(RESTORED) === undefined ? options.clock.now() + waits : Number.POSITIVE_INFINITY;
		this.#latest = this.#readNote(CHECKPOINT);
		this.#witnessed = this.#latest?.quorum ? this.#latest : this.#readNote(WITNESSED);
		if (this.#latest !== undefined && !(signed !== undefined && this.#latest.size <= signed.size))
			throw new TileLogError("DAMAGED", "a checkpoint was published that was never signed");
		this.#tree = new LogTree(signed?.size ?? 0, (path) => files.read(path), HASHERS);
		for (const known of [signed, this.#latest, this.#witnessed])
			if (known !== undefined && !sameHash(this.#tree.head(known.size).root, known.root))
				throw new TileLogError("DAMAGED", "the tiles are not those of the signed tree");
		if (this.#latest !== undefined && this.#latest.size === signed?.size) this.#keepCosignatures(this.#latest.note);
	}

	/**
	 * Opens the log in this directory, a new one where there is none. Rejects with TileLogError (DAMAGED) where the
	 * files are not a whole log of this key, and with ProofError (KEY_INVALID) for a witness's key that is none.
	 */
	static async open(options: TileLogOptions): Promise<TileLog> {
		const files = await DurableFiles.open(options.directory, options.fileSystem ?? DISK);
		try {
			return new TileLog(options, files);
		} catch (error) {
			if (error instanceof ProofError && error.code !== "KEY_INVALID")
				throw new TileLogError("DAMAGED", `the log's files do not verify: ${error.message}`);
			throw error;
		}
	}

	/** Leaves that are integrated, published or not. */
	get size(): number {
		return this.#tree.size;
	}

	/** What is served at `/checkpoint`; undefined before the first publication. */
	get checkpoint(): Published | undefined {
		return this.#latest;
	}

	/** The latest checkpoint that enough witnesses cosigned. */
	get witnessedCheckpoint(): Published | undefined {
		return this.#witnessed;
	}

	/**
	 * Adds leaves (at most 65535 bytes each), the first of them at index `from`. Leaves that the log has already have to be
	 * the same, so that who does not know what was kept may bring them again; otherwise it is a fork, and the log stops.
	 * Throws TileLogError (GAP, LEAF_TOO_LONG, FORK, CLOSED). Nothing is durable before `publish`.
	 */
	integrate(from: number, leaves: readonly Uint8Array[]): void {
		this.#assertRunning();
		this.#stopping(() => this.#tree.integrate(from, leaves));
	}

	/** Leaves that the last signed tree covers, served or not. */
	get signedSize(): number {
		return this.#signed?.size ?? 0;
	}

	/**
	 * Signs everything that is integrated. Resolves when that is durable: from then on `proofOf` has proofs under it, and
	 * nobody had to be waited for but the disk (and once after the start the witnesses, who say how far the log was).
	 * Rejects with TileLogError (FORK, BEHIND, UNCOMPARED, WRITE_FAILED, CLOSED).
	 */
	async sign(): Promise<void> {
		await this.#signInTurn();
	}

	/**
	 * Signs and publishes everything that is integrated, and asks witnesses for the cosignatures that are missing.
	 * Resolves when the checkpoint is durable and served, with what it got; fewer cosignatures are no error, and are
	 * asked for again after a while. Rejects with TileLogError (FORK, BEHIND, UNCOMPARED, WRITE_FAILED, CLOSED).
	 */
	publish(): Promise<Published> {
		const published = this.#publishing.then(() => this.#publish());
		this.#publishing = published.catch(() => {});
		return published;
	}

	/**
	 * The C2SP tlog-proof of this leaf under the latest signed checkpoint, or with `quorum` under the latest that enough
	 * witnesses cosigned; undefined where that does not cover the leaf yet.
	 */
	proofOf(index: number, { quorum }: { readonly quorum: boolean }): string | undefined {
		// What is served has the cosignatures, too.
		const newest = this.#latest?.size === this.#signed?.size ? this.#latest : this.#signed;
		const under = quorum ? this.#witnessed : newest;
		if (under === undefined || !(Number.isSafeInteger(index) && index >= 0 && index < under.size)) return undefined;
		return formatProof({ index, hashes: this.#tree.inclusionProof(index, under.size), checkpoint: under.note });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopped = new TileLogError("CLOSED", "the log is closed");
		this.#askAgain?.cancel();
		await this.#signing;
		await this.#publishing;
		this.#askAgain?.cancel();
	}

	async #publish(): Promise<Published> {
		this.#assertRunning();
		this.#askAgain?.cancel();
		const signed = await this.#signInTurn();
		return this.#writing(async () => {
			await this.#askWitnesses(signed);
			return await this.#serve(signed);
		});
	}

	/** One at a time, whoever asks. */
	#signInTurn(): Promise<SignedTree> {
		const signed = this.#signing.then(async () => {
			this.#assertRunning();
			await this.#compareWithWitnesses();
			return this.#writing(() => this.#sign());
		});
		this.#signing = signed.catch(() => {});
		return signed;
	}

	async #writing<Value>(work: () => Promise<Value>): Promise<Value> {
		try {
			return await work();
		} catch (error) {
			if (error instanceof TileLogError || error instanceof ProofError) throw error;
			throw new TileLogError("WRITE_FAILED", "the log's files could not be written");
		}
	}

	/**
	 * A log that was restored, or whose files were lost, may have signed more than it knows of: witnesses remember. Waits
	 * until enough have answered once; what the others say counts from the next tree on.
	 */
	async #compareWithWitnesses(): Promise<void> {
		const asked = this.#witnesses.filter((witness) => !this.#compared.has(witness) && !this.#comparing.has(witness));
		const answers = asked.map(async (witness) => {
			this.#comparing.add(witness);
			const seen = await witness.latest(this.#options.signer.vkey);
			this.#comparing.delete(witness);
			if (seen.kind === "unavailable") return;
			this.#compared.add(witness);
			if (seen.kind === "tree" && seen.head.size > (this.#seen?.size ?? 0)) this.#seen = seen.head;
		});
		if (this.#compared.size < this.#comparisonsNeeded()) await enough(answers, () => this.#isCompared());
		const seen = this.#seen;
		if (seen !== undefined) {
			if (seen.size > this.size)
				throw new TileLogError("BEHIND", `a witness saw ${seen.size} leaves of this log, which has ${this.size}`);
			this.#stopping(() => {
				if (!sameHash(this.#tree.head(seen.size).root, seen.root))
					throw new TileLogError("FORK", `a witness saw another tree of ${seen.size} leaves`);
			});
		}
		if (this.#isCompared()) {
			if (this.#comparesUntilMs === Number.POSITIVE_INFINITY) await this.#files.remove(RESTORED);
			this.#comparesUntilMs = Number.NEGATIVE_INFINITY;
		} else if (this.#options.clock.now() < this.#comparesUntilMs && this.size > this.signedSize) {
			throw new TileLogError("UNCOMPARED", "no witness has said yet how far this log was before it was opened");
		}
	}

	#isCompared(): boolean {
		return this.#compared.size >= this.#comparisonsNeeded();
	}

	/** One; of a log that is known to be restored, as many as meet every possible quorum. */
	#comparisonsNeeded(): number {
		const { witnesses, quorum } = this.#options;
		const restored = this.#comparesUntilMs === Number.POSITIVE_INFINITY;
		return Math.min(witnesses.length, restored ? witnesses.length - quorum + 1 : 1);
	}

	async #sign(): Promise<SignedTree> {
		const size = this.#tree.size;
		if (this.#signed?.size === size) return this.#signed;
		const head = this.#tree.head(size);
		await this.#files.put(this.#tree.unstored(size));
		const text = formatCheckpoint({ origin: this.#options.signer.name, ...head });
		const note = formatNote({ text, signatures: [this.#options.signer.sign(text)] });
		await this.#files.put([[SIGNED, Buffer.from(note)]]);
		// What an earlier tree would have replaced is replaced by this one, too.
		const replaces = [...(this.#signed?.replaces.splice(0) ?? []), ...this.#tree.stored(size)];
		this.#signed = { ...head, note, cosignatures: new Map(), replaces };
		return this.#signed;
	}

	async #askWitnesses({ note, size, cosignatures }: SignedTree): Promise<void> {
		const proofFrom = (older: number) => this.#tree.consistencyProof(older, size);
		const missing = this.#witnesses.filter(({ vkey }) => !cosignatures.has(vkey));
		await Promise.all(
			missing.map(async (witness) => {
				const answer = await witness.cosign({ note, size, proofFrom });
				if (answer.kind === "cosigned") cosignatures.set(witness.vkey, answer.signature);
				else if (answer.kind === "unavailable") this.#say(`${nameOf(witness)}: ${answer.why}`);
				else {
					this.#say(`${nameOf(witness)} says that it cosigned ${answer.size} leaves of this log`);
					this.#compared.delete(witness);
				}
			}),
		);
	}

	async #serve(signed: SignedTree): Promise<Published> {
		const note = signed.note + [...signed.cosignatures.values()].map(formatSignatureLine).join("");
		if (note !== this.#latest?.note) {
			const published = this.#opened(note);
			const before = this.#latest;
			if (before?.quorum && !published.quorum) await this.#files.put([[WITNESSED, Buffer.from(before.note)]]);
			await this.#files.put([[CHECKPOINT, Buffer.from(note)]]);
			this.#latest = published;
			if (published.quorum) this.#witnessed = published;
		}
		// Only now: until here somebody could be on the way from the last checkpoint to these.
		for (const path of signed.replaces.splice(0)) await this.#files.remove(path).catch(() => {});
		const latest = this.#latest ?? this.#opened(note);
		if (signed.cosignatures.size < this.#witnesses.length && this.#stopped === undefined)
			this.#askAgain = this.#options.clock.after(ASK_AGAIN_MS, () => {
				this.publish().catch((error: unknown) => this.#say(`publishing again failed: ${codeOf(error)}`));
			});
		return latest;
	}

	/** Reads one of our own notes; undefined where there is none. Throws ProofError where it is not ours. */
	#readNote(path: string): Published | undefined {
		const bytes = this.#files.read(path);
		return bytes === undefined ? undefined : this.#opened(new TextDecoder().decode(bytes));
	}

	#opened(note: string): Published {
		const { signer, witnesses, quorum } = this.#options;
		const trust = { log: signer.vkey, witnesses: witnesses.map(({ vkey }) => vkey), quorum: 0 };
		const { origin, size, root, witnessed } = openCheckpoint(note, trust);
		const names = witnessed.map(({ name }) => name);
		return { origin, size, root, note, witnessed: names, quorum: names.length >= quorum };
	}

	#keepCosignatures(note: string): void {
		const { signatures } = parseNote(note);
		for (const { vkey } of this.#witnesses) {
			const [signature] = signaturesBy(parseVerifierKey(vkey), signatures);
			if (signature !== undefined) this.#signed?.cosignatures.set(vkey, signature);
		}
	}

	/** Runs what may find out that there are two histories. */
	#stopping(work: () => void): void {
		try {
			work();
		} catch (error) {
			if (error instanceof TileLogError && error.code === "FORK") this.#stopped = error;
			throw error;
		}
	}

	#assertRunning(): void {
		if (this.#stopped !== undefined) throw this.#stopped;
	}

	#say(line: string): void {
		this.#options.log?.(`log ${this.#options.signer.name}: ${line}`);
	}
}

/** Resolves when this holds after one of them, or when all are done. */
async function enough(all: readonly Promise<void>[], holds: () => boolean): Promise<void> {
	const found = Promise.withResolvers<void>();
	for (const one of all)
		one.then(() => {
			if (holds()) found.resolve();
		}, found.reject);
	Promise.all(all).then(() => found.resolve(), found.reject);
	await found.promise;
}

const nameOf = ({ vkey }: WitnessClient) => `witness ${parseVerifierKey(vkey).name}`;

const codeOf = (error: unknown) => (error instanceof TileLogError ? error.code : "unknown");
