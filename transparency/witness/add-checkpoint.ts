/** What a witness decides about a checkpoint (C2SP tlog-witness, `add-checkpoint`): a text in, a verdict out. */
import { type Checkpoint, parseCheckpoint, parseDecimal, parseTreeHash } from "../checkpoint/checkpoint.ts";
import { emptyRoot } from "../merkle/hash.ts";
import type { TreeHead } from "../merkle/tree.ts";
import { verifyConsistency } from "../merkle/verify.ts";
import { verifyNoteSignature } from "../note/ed25519.ts";
import { type NoteSignature, parseNote, type SignedNote, signaturesBy } from "../note/signed-note.ts";
import type { VerifierKey } from "../note/verifier-key.ts";
import { ProofError } from "../proof-error.ts";

export interface Submitted {
	/** Size of the checkpoint that the log believes we cosigned last. */
	readonly old: number;
	readonly proof: readonly Uint8Array[];
	readonly checkpoint: Checkpoint;
	/** The checkpoint's text, which is cosigned. */
	readonly text: string;
	/** The log's own signatures, verified. */
	readonly signatures: readonly NoteSignature[];
}

export interface Refused {
	readonly kind: "refused";
	/** As the specification has them. */
	readonly status: 400 | 403 | 404 | 409 | 422;
	readonly why: string;
	/** With 409: the size that was cosigned last. */
	readonly size?: number;
}

const MOST_PROOF_LINES = 63;

/** Reads a request and verifies the log's signature. `keysOf` has the keys trusted for an origin. Never throws. */
export function readSubmission(
	body: string,
	keysOf: (origin: string) => readonly VerifierKey[] | undefined,
): Submitted | Refused {
	const split = body.indexOf("\n\n");
	const [oldLine, ...proofLines] = body.slice(0, Math.max(0, split)).split("\n");
	const old = oldLine?.startsWith("old ") ? parseDecimal(oldLine.slice("old ".length)) : undefined;
	const proof = proofLines.map(parseTreeHash).filter((hash) => hash !== undefined);
	const signed = readCheckpoint(body.slice(split + 2));
	const wrongLines = proof.length !== proofLines.length || proof.length > MOST_PROOF_LINES;
	if (old === undefined || wrongLines || signed === undefined) return refused(400, "malformed");
	const { note, checkpoint } = signed;
	const keys = keysOf(checkpoint.origin);
	if (keys === undefined) return refused(404, "unknown origin");
	const claimed = keys.flatMap((key) => signaturesBy(key, note.signatures).map((signature) => ({ key, signature })));
	const valid = claimed.every(({ key, signature }) =>
		verifyNoteSignature(key.publicKey, note.text, signature.signature),
	);
	if (claimed.length === 0 || !valid) return refused(403, "not signed by the log");
	if (old > checkpoint.size) return refused(400, "the old size is larger than the checkpoint's");
	return { old, proof, checkpoint, text: note.text, signatures: claimed.map(({ signature }) => signature) };
}

/** Does the submitted tree go on from the one that was cosigned last? Undefined where it does. Never throws. */
export function judge({ old, proof, checkpoint }: Submitted, latest: TreeHead | undefined): Refused | undefined {
	const known = latest ?? { size: 0, root: emptyRoot() };
	if (old !== known.size) return { ...refused(409, "another size was cosigned last"), size: known.size };
	// An empty tree with a root of its own, and a proof from nothing, are not consistent either.
	if (!verifyConsistency(known, checkpoint, proof)) return refused(422, "not consistent with what was cosigned last");
	return undefined;
}

function readCheckpoint(text: string): { note: SignedNote; checkpoint: Checkpoint } | undefined {
	try {
		const note = parseNote(text);
		return { note, checkpoint: parseCheckpoint(note.text) };
	} catch (error) {
		if (error instanceof ProofError) return undefined;
		throw error;
	}
}

const refused = (status: Refused["status"], why: string): Refused => ({ kind: "refused", status, why });
