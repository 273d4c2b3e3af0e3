/** What a witness remembers: the latest checkpoint of each log that it cosigned, durable before anybody has the cosignature. */
import { createHash } from "node:crypto";
import { parseCheckpoint } from "../checkpoint/checkpoint.ts";
import { type Cosigner, verifyCosignature } from "../cosignature/cosignature.ts";
import { DISK, DurableFiles, type FileSystem } from "../log/durable-files.node.ts";
import type { TreeHead } from "../merkle/tree.ts";
import { formatNote, formatSignatureLine, parseNote, signaturesBy } from "../note/signed-note.ts";
import { parseVerifierKey, type VerifierKey } from "../note/verifier-key.ts";
import { ProofError } from "../proof-error.ts";
import { judge, type Refused, readSubmission } from "./add-checkpoint.ts";

export interface Cosigned {
	readonly kind: "cosigned";
	/** The signature line. */
	readonly line: string;
	readonly origin: string;
	readonly size: number;
}

interface Remembered extends TreeHead {
	/** The note with the log's signature and ours. */
	readonly note: string;
}

/** Where a log is found, in URLs and in files: SHA-256 of its origin in hex. */
const addressOf = (origin: string) => createHash("sha256").update(origin).digest("hex");

export class CosignedCheckpoints {
	readonly #files: DurableFiles;
	readonly #cosigner: Cosigner;
	/** By origin; a log may have several keys. */
	readonly #keys: ReadonlyMap<string, readonly VerifierKey[]>;
	/** By address. */
	readonly #latest = new Map<string, Remembered>();
	/** One request at a time for each origin: two at once could both be right and together a fork. */
	readonly #queues = new Map<string, Promise<unknown>>();

	private constructor(files: DurableFiles, cosigner: Cosigner, keys: readonly VerifierKey[]) {
		this.#files = files;
		this.#cosigner = cosigner;
		this.#keys = Map.groupBy(keys, ({ name }) => name);
		for (const origin of this.#keys.keys()) {
			const bytes = files.read(pathOf(origin));
			if (bytes !== undefined) this.#latest.set(addressOf(origin), this.#remembered(origin, bytes));
		}
	}

	/** Opens the memory in this directory. Rejects with ProofError where something in it was not cosigned by this key. */
	static async open(
		directory: string,
		cosigner: Cosigner,
		keys: readonly VerifierKey[],
		fileSystem: FileSystem = DISK,
	): Promise<CosignedCheckpoints> {
		return new CosignedCheckpoints(await DurableFiles.open(directory, fileSystem), cosigner, keys);
	}

	/** The latest checkpoint at this address with our cosignature; undefined where there is none. */
	at(address: string): string | undefined {
		return this.#latest.get(address)?.note;
	}

	/** Answers `add-checkpoint`: a cosignature that is durable, or why not. Rejects where the disk refuses. */
	async add(body: string, atMs: () => number): Promise<Cosigned | Refused> {
		const submitted = readSubmission(body, (origin) => this.#keys.get(origin));
		if ("kind" in submitted) return submitted;
		const { checkpoint, text, signatures } = submitted;
		const { origin, size, root } = checkpoint;
		return this.#inTurn(origin, async () => {
			const refusal = judge(submitted, this.#latest.get(addressOf(origin)));
			if (refusal !== undefined) return refusal;
			const cosignature = this.#cosigner.cosign(text, Math.floor(atMs() / 1000));
			const note = formatNote({ text, signatures: [...signatures, cosignature] });
			await this.#files.put([[pathOf(origin), Buffer.from(note)]]);
			this.#latest.set(addressOf(origin), { size, root, note });
			return { kind: "cosigned", line: formatSignatureLine(cosignature), origin, size };
		});
	}

	/** Waits for what is under way. */
	async settled(): Promise<void> {
		await Promise.all(this.#queues.values());
	}

	#inTurn<Answer>(origin: string, work: () => Promise<Answer>): Promise<Answer> {
		const answer = (this.#queues.get(origin) ?? Promise.resolve()).then(work);
		this.#queues.set(
			origin,
			answer.catch(() => {}),
		);
		return answer;
	}

	#remembered(origin: string, bytes: Uint8Array): Remembered {
		const note = new TextDecoder().decode(bytes);
		const { text, signatures } = parseNote(note);
		const key = parseVerifierKey(this.#cosigner.vkey);
		const checkpoint = parseCheckpoint(text);
		const ours = signaturesBy(key, signatures).some(
			({ signature }) => verifyCosignature(key.publicKey, text, signature) !== undefined,
		);
		if (!ours || checkpoint.origin !== origin)
			throw new ProofError("SIGNATURE_INVALID", "what this witness remembers was not cosigned by it");
		return { size: checkpoint.size, root: checkpoint.root, note };
	}
}

const pathOf = (origin: string) => `logs/${addressOf(origin)}`;
