/**
 * What a share log says about its chain values, and how somebody checks it: an entry for each state of the index, in a
 * log of its own, so that nobody can be told another one; and buckets with the proof that the entry commits to them.
 *
 *     entry    troth-chain-index/v1 · origin of the share log · its size · its root · bits · root over the buckets · time
 *     head     a C2SP tlog-proof of the newest entry, the entry itself as `extra`
 *     bucket   troth-chain-bucket/v1 · number · proof, an empty line, the sorted values, an empty line, the head
 */
import { parseDecimal, parseTreeHash } from "../checkpoint/checkpoint.ts";
import { type LogTrust, openCheckpoint, type Witnessed } from "../checkpoint/open-checkpoint.ts";
import { leafHash, sameHash } from "../merkle/hash.ts";
import { verifyInclusion } from "../merkle/verify.ts";
import { toBase64, toBase64Lines } from "../note/base64.ts";
import { formatProof, parseProof } from "../proof/tlog-proof.ts";
import { ProofError, required } from "../proof-error.ts";
import { bucketBits, bucketHash, bucketOf, compareValues } from "./buckets.ts";

/** One state of the index: of the first `size` leaves of the share log. */
export interface ChainIndexEntry {
	/** Of the share log. */
	readonly origin: string;
	readonly size: number;
	/** Of the share log at this size. */
	readonly shareRoot: Uint8Array;
	readonly bits: number;
	/** Over the 2^bits buckets. */
	readonly root: Uint8Array;
	/** UTC milliseconds, as the door says; a witness's time is the better one. */
	readonly atMs: number;
}

const ENTRY_HEADER = "troth-chain-index/v1";
const BUCKET_HEADER = "troth-chain-bucket/v1";

export function formatIndexEntry({ origin, size, shareRoot, bits, root, atMs }: ChainIndexEntry): string {
	return `${ENTRY_HEADER}\n${origin}\n${size}\n${toBase64(shareRoot)}\n${bits}\n${toBase64(root)}\n${atMs}\n`;
}

/** Reads an entry; undefined where the text is none, or its buckets are not as many as the size asks for. */
export function parseIndexEntry(text: string): ChainIndexEntry | undefined {
	const [header, origin = "", sizeLine = "", shareLine = "", bitsLine = "", rootLine = "", timeLine = "", ...end] =
		text.split("\n");
	const size = parseDecimal(sizeLine);
	const shareRoot = parseTreeHash(shareLine);
	const bits = parseDecimal(bitsLine);
	const root = parseTreeHash(rootLine);
	const atMs = parseDecimal(timeLine);
	if (header !== ENTRY_HEADER || origin === "" || end.length !== 1 || end[0] !== "") return undefined;
	if (size === undefined || shareRoot === undefined || root === undefined || atMs === undefined) return undefined;
	// Finer buckets would tell whoever serves them who asks.
	return bits === bucketBits(size) ? { origin, size, shareRoot, bits, root, atMs } : undefined;
}

/** The newest entry, proved. */
export interface ChainIndexHead {
	readonly entry: ChainIndexEntry;
	/** Its place in the log of the index. */
	readonly index: number;
	/** The witnesses that cosigned a checkpoint with it. */
	readonly witnessed: readonly Witnessed[];
}

/** @param proof the tlog-proof of this entry, which has to be the last one of its checkpoint's tree */
export function formatIndexHead(proof: string, entry: string): string {
	return formatProof({ ...parseProof(proof), extra: new TextEncoder().encode(entry) });
}

/**
 * Verifies the head. Throws ProofError (MALFORMED, KEY_INVALID, LOG_UNKNOWN, SIGNATURE_INVALID, QUORUM_MISSING,
 * NOT_INCLUDED).
 *
 * @param shareOrigin of the share log that it has to be about
 */
export function openIndexHead(text: string, trust: LogTrust, shareOrigin: string): ChainIndexHead {
	const { index, hashes, checkpoint: signed, extra } = parseProof(text);
	const bytes = required(extra, "the head of the index has no entry");
	const { size, root, witnessed } = openCheckpoint(signed, trust);
	// An entry that is not the newest one would be a state that was overtaken.
	if (index !== size - 1 || !verifyInclusion(leafHash(bytes), index, hashes, { size, root }))
		throw new ProofError("NOT_INCLUDED", "the entry is not the newest one in the log of the index");
	const entry = required(parseIndexEntry(new TextDecoder().decode(bytes)), "this is no entry of a chain index");
	if (entry.origin !== shareOrigin) throw new ProofError("LOG_UNKNOWN", "an index of another log");
	return { entry, index, witnessed };
}

/** A bucket that the head commits to. */
export interface OpenedBucket extends ChainIndexHead {
	/** Sorted. */
	readonly values: readonly Uint8Array[];
	readonly bucket: number;
}

export function formatBucket(
	bucket: number,
	proof: readonly Uint8Array[],
	values: readonly Uint8Array[],
	head: string,
): string {
	return `${BUCKET_HEADER}\n${bucket}\n${toBase64Lines(proof)}\n${toBase64Lines(values)}\n${head}`;
}

/** Verifies a bucket and the head in it. Throws ProofError as `openIndexHead` does, and INDEX_WRONG. */
export function openBucket(text: string, trust: LogTrust, shareOrigin: string): OpenedBucket {
	const [first, second, head] = required(sections(text), "this is no bucket of a chain index");
	const [header, numberLine = "", ...proofLines] = first;
	const bucket = parseDecimal(numberLine);
	const proof = proofLines.map(parseTreeHash).filter((hash) => hash !== undefined);
	const values = second.map(parseTreeHash).filter((value) => value !== undefined);
	if (header !== BUCKET_HEADER || bucket === undefined || proof.length !== proofLines.length)
		throw new ProofError("MALFORMED", "this is no bucket of a chain index");
	if (values.length !== second.length) throw new ProofError("MALFORMED", "a chain value has 32 bytes");
	const opened = openIndexHead(head, trust, shareOrigin);
	const { bits, root } = opened.entry;
	const tree = { size: 2 ** bits, root };
	if (!verifyInclusion(bucketHash(values), bucket, proof, tree))
		throw new ProofError("INDEX_WRONG", "the index does not commit to this bucket");
	// An auditor who makes the index anew would find this, too; nobody should have to wait for one.
	const inOrder = values.every((value, at) => at === 0 || compareValues(values[at - 1] ?? value, value) < 0);
	if (!inOrder || values.some((value) => bucketOf(value, bits) !== bucket))
		throw new ProofError("INDEX_WRONG", "the bucket is out of order, or has values of another one");
	return { ...opened, bucket, values };
}

/** Is this chain value in the log, as far as the index goes? Throws ProofError (INDEX_WRONG) for another bucket's value. */
export function bucketHas({ bucket, values, entry }: OpenedBucket, value: Uint8Array): boolean {
	if (bucketOf(value, entry.bits) !== bucket)
		throw new ProofError("INDEX_WRONG", "this is not the bucket that was asked for");
	return values.some((other) => sameHash(other, value));
}

/** Lines up to the first empty one, lines up to the second, and all that follows. */
function sections(text: string): readonly [readonly string[], readonly string[], string] | undefined {
	const first = text.indexOf("\n\n");
	if (first < 0) return undefined;
	const rest = text.slice(first + 2);
	const end = rest.startsWith("\n") ? 0 : rest.indexOf("\n\n") + 1;
	if (end === 0 && !rest.startsWith("\n")) return undefined;
	const lines = end === 0 ? [] : rest.slice(0, end - 1).split("\n");
	return [text.slice(0, first).split("\n"), lines, rest.slice(end + 1)];
}
