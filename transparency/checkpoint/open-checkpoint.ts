/** Whom a verifier believes about a log, and how it verifies a checkpoint. */
import { verifyCosignature } from "../cosignature/cosignature.ts";
import { verifyNoteSignature } from "../note/ed25519.ts";
import { parseNote, type SignedNote, signaturesBy } from "../note/signed-note.ts";
import { COSIGNATURE_V1, NOTE_ED25519, parseVerifierKey, type VerifierKey } from "../note/verifier-key.ts";
import { ProofError } from "../proof-error.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";

/** One log, and how many of which witnesses have to have seen a checkpoint of it before it counts. */
export interface LogTrust {
	/** Verifier key of the log; its name is the origin. */
	readonly log: string;
	/** Verifier keys of witnesses (cosignature/v1). */
	readonly witnesses: readonly string[];
	/** How many different ones have to have cosigned; 0 for none. */
	readonly quorum: number;
}

/** A witness that cosigned. */
export interface Witnessed {
	readonly name: string;
	/** UTC milliseconds, as the witness says. */
	readonly atMs: number;
}

export interface OpenedCheckpoint extends Checkpoint {
	/** Those of the trusted witnesses that cosigned. */
	readonly witnessed: readonly Witnessed[];
}

/** `openCheckpoint`, or what stands in for it. */
export type CheckpointOpener = (signed: string, trust: LogTrust) => OpenedCheckpoint;

/**
 * Verifies a signed checkpoint: the log's signature and the witnesses' quorum. Throws ProofError (MALFORMED,
 * KEY_INVALID, LOG_UNKNOWN, SIGNATURE_INVALID, QUORUM_MISSING).
 */
export const openCheckpoint: CheckpointOpener = (signed, trust) => withQuorum(verifySignatures(signed, trust), trust);

/**
 * Answers and throws as `openCheckpoint` does, and verifies each checkpoint once, however many proofs lead to it and
 * whatever quorum they need. It keeps every one that it is asked about: hold it for one request or one list.
 */
export function rememberCheckpoints(): CheckpointOpener {
	const known = new Map<string, OpenedCheckpoint | ProofError>();
	return (signed, trust) => {
		const key = JSON.stringify([trust.log, trust.witnesses, signed]);
		const opened = known.get(key) ?? verifiedOrRefused(signed, trust);
		known.set(key, opened);
		if (opened instanceof ProofError) throw opened;
		return withQuorum(opened, trust);
	};
}

function verifiedOrRefused(signed: string, trust: LogTrust): OpenedCheckpoint | ProofError {
	try {
		return verifySignatures(signed, trust);
	} catch (error) {
		if (error instanceof ProofError) return error;
		throw error;
	}
}

function verifySignatures(signed: string, trust: LogTrust): OpenedCheckpoint {
	const { logKey, witnessKeys } = keysOf(trust);
	const note = parseNote(signed);
	const checkpoint = parseCheckpoint(note.text);
	if (checkpoint.origin !== logKey.name) throw new ProofError("LOG_UNKNOWN", "a checkpoint of another log");
	assertSignedBy(logKey, note);
	const witnessed = new Map<string, Witnessed>();
	for (const key of witnessKeys) {
		const atSeconds = cosignedAt(key, note);
		// By key and not by name: cosignature/v1 does not sign the name, so one witness could pass for two.
		if (atSeconds !== undefined) witnessed.set(key.publicKey.join(), { name: key.name, atMs: atSeconds * 1000 });
	}
	return { ...checkpoint, witnessed: [...witnessed.values()] };
}

function withQuorum(opened: OpenedCheckpoint, { quorum }: LogTrust): OpenedCheckpoint {
	if (!(opened.witnessed.length >= quorum))
		throw new ProofError("QUORUM_MISSING", `${opened.witnessed.length} of ${quorum} witnesses cosigned`);
	return opened;
}

/** The keys that are trusted. Throws ProofError (KEY_INVALID). */
export function keysOf({ log, witnesses }: LogTrust): { logKey: VerifierKey; witnessKeys: VerifierKey[] } {
	return {
		logKey: keyOfType(log, NOTE_ED25519, "a log's"),
		witnessKeys: witnesses.map((vkey) => keyOfType(vkey, COSIGNATURE_V1, "a witness's")),
	};
}

/** The note is signed by this log's key, and not a single time wrongly. Throws ProofError (SIGNATURE_INVALID). */
export function assertSignedBy(key: VerifierKey, note: SignedNote): void {
	const signatures = signaturesBy(key, note.signatures);
	const valid = signatures.every(({ signature }) => verifyNoteSignature(key.publicKey, note.text, signature));
	if (signatures.length === 0 || !valid)
		throw new ProofError("SIGNATURE_INVALID", "the log's signature is missing or wrong");
}

function cosignedAt(key: VerifierKey, note: SignedNote): number | undefined {
	const times = signaturesBy(key, note.signatures).map(({ signature }) =>
		verifyCosignature(key.publicKey, note.text, signature),
	);
	if (times.includes(undefined)) throw new ProofError("SIGNATURE_INVALID", "a witness's cosignature is wrong");
	return times[0];
}

/** Reads a key that has to be of this type. Throws ProofError (KEY_INVALID). */
export function keyOfType(vkey: string, type: VerifierKey["type"], whose: string): VerifierKey {
	const key = parseVerifierKey(vkey);
	if (key.type !== type) throw new ProofError("KEY_INVALID", `this verifier key can not be ${whose}`);
	return key;
}
