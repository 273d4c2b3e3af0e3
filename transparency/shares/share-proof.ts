/** A leaf of the share log, opened: what it commits to, and the proof that it is in the log. */
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { type CheckpointOpener, type LogTrust, openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { leafHash } from "../merkle/hash.ts";
import { verifyInclusion } from "../merkle/verify.ts";
import { parseProof } from "../proof/tlog-proof.ts";
import { ProofError, required } from "../proof-error.ts";
import { commitment, leafOf, readShareRecord, SALT_BYTES, type ShareRecord } from "./share-record.ts";

/** The fields of a `ShareProof` message. */
export interface ShareProofFields {
	/** Canonical JSON of a share record. */
	readonly record: Uint8Array;
	/** 32 bytes each. */
	readonly salt: Uint8Array;
	readonly chain: Uint8Array;
	readonly context: Uint8Array;
	/** A C2SP tlog-proof in UTF-8. */
	readonly proof: Uint8Array;
}

export interface OpenedShare {
	readonly record: ShareRecord;
	readonly index: number;
	/** RFC 6962 hash of the leaf: what receipts answer to. */
	readonly leafHash: Uint8Array;
	readonly checkpoint: Checkpoint;
}

const CHAIN_BYTES = 32;
const CONTEXT_BYTES = 32;

/**
 * Verifies that the record is a leaf of the trusted log, under a checkpoint that enough witnesses have seen. Throws
 * ProofError with any code but those of audits (INCONSISTENT, TILE_INVALID, UNREACHABLE).
 *
 * @param open `rememberCheckpoints()` where many proofs are opened: they share their checkpoints
 */
export function openShareProof(
	fields: ShareProofFields,
	trust: LogTrust,
	open: CheckpointOpener = openCheckpoint,
): OpenedShare {
	const { record, salt, chain, context } = fields;
	if (salt.length !== SALT_BYTES || chain.length !== CHAIN_BYTES || context.length !== CONTEXT_BYTES)
		throw new ProofError("MALFORMED", "salt, chain and context have 32 bytes");
	const { index, hashes, checkpoint: signed } = parseProof(required(readText(fields.proof), "the proof is no text"));
	const { origin, size, root } = open(signed, trust);
	const hash = leafHash(leafOf(commitment(salt, record), chain, context));
	if (!verifyInclusion(hash, index, hashes, { size, root }))
		throw new ProofError("NOT_INCLUDED", "the record is not in the log");
	const opened = readShareRecord(record);
	if (opened === undefined) throw new ProofError("RECORD_INVALID", "the leaf commits to something that is no record");
	return { record: opened, index, leafHash: hash, checkpoint: { origin, size, root } };
}

/** Exactly the text: no byte order mark is dropped, no broken byte replaced. */
function readText(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
