/** A log's side of C2SP tlog-witness: asks one witness to cosign, and what it saw last. */
import { sha256 } from "@noble/hashes/sha2.js";
import { type Clock, toHex } from "@troth/protocol";
import { parseDecimal } from "../checkpoint/checkpoint.ts";
import { keyOfType, openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { verifyCosignature } from "../cosignature/cosignature.ts";
import type { TreeHead } from "../merkle/tree.ts";
import { toBase64Lines } from "../note/base64.ts";
import { type NoteSignature, parseNote, parseSignatureLines, signaturesBy } from "../note/signed-note.ts";
import { COSIGNATURE_V1, parseVerifierKey, type VerifierKey } from "../note/verifier-key.ts";
import { ProofError } from "../proof-error.ts";

/** A witness as a log is told of it: where it listens, and its cosignature/v1 key. */
export interface WitnessAt {
	readonly url: string;
	readonly vkey: string;
}

/** A checkpoint to be cosigned. */
export interface Submission {
	/** The signed note. */
	readonly note: string;
	readonly size: number;
	/** Consistency proof from a smaller size. */
	readonly proofFrom: (older: number) => readonly Uint8Array[];
}

export type WitnessAnswer =
	| { readonly kind: "cosigned"; readonly signature: NoteSignature }
	/** It cosigned a larger tree of this log before. */
	| { readonly kind: "ahead"; readonly size: number }
	| { readonly kind: "unavailable"; readonly why: string };

export type LatestSeen =
	| { readonly kind: "tree"; readonly head: TreeHead }
	| { readonly kind: "nothing" }
	| { readonly kind: "unavailable" };

const TIMEOUT_MS = 5_000;
/** One that lets us wait twice is left alone for a while, so that the others' cosignatures do not wait with it. */
const PAUSE_AFTER = 2;
const PAUSE_MS = 30_000;
/** Asked anew when it says at which size it is; more often only if another copy of the log speaks to it at once. */
const MOST_TRIES = 3;
const LONGEST_ANSWER = 65_536;

export class WitnessClient {
	readonly vkey: string;
	readonly #url: string;
	readonly #key: VerifierKey;
	readonly #clock: Clock;
	readonly #fetch: typeof fetch;
	/** The size it cosigned last, as far as we know. */
	#known = 0;
	/** Timeouts in a row. */
	#timeouts = 0;
	#pausedUntilMs = 0;

	/** Throws ProofError (KEY_INVALID). */
	constructor({ url, vkey }: WitnessAt, clock: Clock, request: typeof fetch) {
		this.vkey = vkey;
		this.#url = url.replace(/\/$/, "");
		this.#key = keyOfType(vkey, COSIGNATURE_V1, "a witness's");
		this.#clock = clock;
		this.#fetch = request;
	}

	/** Asks for a cosignature. Never rejects. */
	async cosign({ note, size, proofFrom }: Submission): Promise<WitnessAnswer> {
		for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
			const older = Math.min(this.#known, size);
			const proof = toBase64Lines(proofFrom(older));
			const answer = await this.#request("/add-checkpoint", `old ${older}\n${proof}\n${note}`);
			if (typeof answer === "string") return { kind: "unavailable", why: answer };
			if (answer.status === 409) {
				const known = parseDecimal(answer.body.trimEnd());
				if (known === undefined) return { kind: "unavailable", why: "its conflict names no size" };
				if (known > size) return { kind: "ahead", size: known };
				this.#known = known;
				continue;
			}
			if (answer.status !== 200) return { kind: "unavailable", why: `it answered ${answer.status}` };
			const signature = this.#validOf(parseNote(note).text, answer.body);
			if (signature === undefined) return { kind: "unavailable", why: "its cosignature does not verify" };
			this.#known = size;
			return { kind: "cosigned", signature };
		}
		return { kind: "unavailable", why: "its size keeps changing" };
	}

	/**
	 * The latest tree of the log that it cosigned. Only one that the log itself signed counts: a witness can not make
	 * one up. Not every witness says. Never rejects.
	 */
	async latest(logVkey: string): Promise<LatestSeen> {
		const { name } = parseVerifierKey(logVkey);
		const path = `/${toHex(sha256(new TextEncoder().encode(name)))}/checkpoint`;
		const answer = await this.#request(path);
		if (typeof answer === "string") return { kind: "unavailable" };
		if (answer.status !== 200) return { kind: "nothing" };
		try {
			return { kind: "tree", head: openCheckpoint(answer.body, { log: logVkey, witnesses: [], quorum: 0 }) };
		} catch (error) {
			if (error instanceof ProofError) return { kind: "nothing" };
			throw error;
		}
	}

	#validOf(text: string, lines: string): NoteSignature | undefined {
		return signaturesBy(this.#key, parseSignatureLines(lines) ?? []).find(
			({ signature }) => verifyCosignature(this.#key.publicKey, text, signature) !== undefined,
		);
	}

	/** The answer, or why there is none. */
	async #request(path: string, body?: string): Promise<{ status: number; body: string } | string> {
		if (this.#clock.now() < this.#pausedUntilMs) return "it did not answer lately";
		const abort = new AbortController();
		const timer = this.#clock.after(TIMEOUT_MS, () => {
			if (++this.#timeouts >= PAUSE_AFTER) this.#pausedUntilMs = this.#clock.now() + PAUSE_MS;
			abort.abort();
		});
		try {
			const request = { signal: abort.signal, redirect: "error" } as const;
			const response = await this.#fetch(
				this.#url + path,
				body === undefined ? request : { ...request, method: "POST", body },
			);
			const answer = { status: response.status, body: await readShort(response) };
			this.#timeouts = 0;
			return answer;
		} catch {
			return abort.signal.aborted ? "it does not answer" : "it can not be reached";
		} finally {
			timer.cancel();
		}
	}
}

/** At most as much as an answer may have; rejects where it is longer. */
async function readShort(response: Response): Promise<string> {
	const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
	let text = "";
	for await (const chunk of response.body ?? []) {
		text += decoder.decode(chunk, { stream: true });
		if (text.length > LONGEST_ANSWER) throw new RangeError("the answer is too long");
	}
	return text + decoder.decode();
}
