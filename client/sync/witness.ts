/**
 * The running hash of each log, and what members say about theirs (hazard 14). Members who were shown different
 * histories find out from each other, inside the ciphertext, whatever the server tells them.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import {
	EMPTY_LOG_HASH,
	type Entry,
	entryDigest,
	extendLogHash,
	fromHex,
	type LogWitness,
	toHex,
} from "@troth/protocol";
import { equalBytes } from "../content/envelope.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { LogRecord } from "../state/records.ts";

/** Hashes of so many last positions are kept; a witness about older ones can not be compared any more. */
const POSITIONS_KEPT = 4096;
const KNOWN = 1;
const DIGEST_ONLY = 0;

export function newLog(log: LogRecord["log"], from: number, nextClientSeq = 1): LogRecord {
	const hash = from === 0 ? toHex(EMPTY_LOG_HASH) : undefined;
	return { log, seq: from, from, hash, nextClientSeq, senders: {} };
}

/** The log one entry further. */
export function extendByEntry(draft: Draft, log: LogRecord, entry: Entry): LogRecord {
	const { seq, kind, payload } = entry;
	return extendByDigest(
		draft,
		log,
		entryDigest({ seq, kind, senderDevice: toHex(entry.senderDevice), payload }, sha256),
	);
}

/** The log one withheld entry further, of which only the digest is known. */
export function extendByDigest(draft: Draft, log: LogRecord, digest: Uint8Array): LogRecord {
	const seq = log.seq + 1;
	const before = log.hash === undefined ? undefined : fromHex(log.hash);
	const hash = before === undefined ? undefined : extendLogHash(before, digest, sha256);
	draft.writeBytes(KEYS.logHash(log.log, seq), tagged(hash === undefined ? DIGEST_ONLY : KNOWN, hash ?? digest));
	if (seq > POSITIONS_KEPT) draft.writeBytes(KEYS.logHash(log.log, seq - POSITIONS_KEPT), undefined);
	return { ...log, seq, hash: hash === undefined ? undefined : toHex(hash) };
}

/** The log beyond entries that nobody can hash any more: it needs a new start from a member's witness. */
export function skipUnhashed(log: LogRecord, to: number): LogRecord {
	return { ...log, seq: to, from: to, hash: undefined, senders: {} };
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
	const row = new Uint8Array(bytes.length + 1);
	row[0] = tag;
	row.set(bytes, 1);
	return row;
}

export type WitnessVerdict =
	/** Both hold the same history up to there. */
	| { readonly kind: "agrees" }
	/** Nothing here to compare with. */
	| { readonly kind: "unknown" }
	/** A member's word gave this log its start. */
	| { readonly kind: "adopted"; readonly log: LogRecord }
	| { readonly kind: "differs" };

/** Compares what the sender had seen with what lies here. `log` is the state before the sender's entry. */
export async function judgeWitness(
	draft: Draft,
	log: LogRecord,
	witness: LogWitness | undefined,
): Promise<WitnessVerdict> {
	if (witness === undefined) return { kind: "unknown" };
	// Its own entry comes after everything the sender had seen.
	if (witness.seq > log.seq) return { kind: "differs" };
	if (witness.seq < log.from) return { kind: "unknown" };
	const known = await hashAt(draft, log, witness.seq);
	if (known !== undefined) return { kind: equalBytes(known, witness.hash) ? "agrees" : "differs" };
	return log.hash === undefined ? adopt(draft, log, witness) : { kind: "unknown" };
}

async function hashAt(draft: Draft, log: LogRecord, seq: number): Promise<Uint8Array | undefined> {
	if (seq === 0) return EMPTY_LOG_HASH;
	if (seq === log.seq) return log.hash === undefined ? undefined : fromHex(log.hash);
	const row = await draft.readBytes(KEYS.logHash(log.log, seq));
	return row?.[0] === KNOWN ? row.subarray(1) : undefined;
}

/** Who joins later has no hash to go on from: the first member who says theirs gives it. */
async function adopt(draft: Draft, log: LogRecord, witness: LogWitness): Promise<WitnessVerdict> {
	let hash: Uint8Array = witness.hash;
	for (let seq = witness.seq + 1; seq <= log.seq; seq++) {
		const row = await draft.readBytes(KEYS.logHash(log.log, seq));
		if (row?.[0] !== DIGEST_ONLY) return { kind: "unknown" };
		hash = extendLogHash(hash, row.subarray(1), sha256);
		draft.writeBytes(KEYS.logHash(log.log, seq), tagged(KNOWN, hash));
	}
	return { kind: "adopted", log: { ...log, hash: toHex(hash) } };
}
