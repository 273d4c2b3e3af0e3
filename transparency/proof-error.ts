/** What this folder throws when something from outside does not hold. The codes are closed; `troth` prints them. */
export type ProofErrorCode =
	/** Not in the format it should be in. */
	| "MALFORMED"
	/** A verifier key that can not be read, or is of a kind that is not supported in this place. */
	| "KEY_INVALID"
	/** A checkpoint of another log than the trusted one. */
	| "LOG_UNKNOWN"
	/** No signature of the log, or one of a known key that does not verify. */
	| "SIGNATURE_INVALID"
	/** Fewer witnesses cosigned than the trust asks for. */
	| "QUORUM_MISSING"
	/** The inclusion proof does not lead from the leaf to the root. */
	| "NOT_INCLUDED"
	/** The leaf is in the log and its record is not one. */
	| "RECORD_INVALID"
	/** Two checkpoints of one log are not one history. */
	| "INCONSISTENT"
	/** A tile or entry bundle is not what the checkpoint says it is. */
	| "TILE_INVALID"
	/** The index of chain values is not that of the log's leaves. */
	| "INDEX_WRONG"
	/** A file of the log could not be fetched. */
	| "UNREACHABLE";

export class ProofError extends Error {
	override readonly name = "ProofError";
	readonly code: ProofErrorCode;

	constructor(code: ProofErrorCode, message: string) {
		super(message);
		this.code = code;
	}
}

/** Runs a decoder that answers undefined where the input is not of its format. Throws ProofError. */
export function required<Value>(value: Value | undefined, what: string): Value {
	if (value === undefined) throw new ProofError("MALFORMED", what);
	return value;
}
