/**
 * An entry as it lies in the column `record`, as it crosses between the threads, and as it is read: the same bytes
 * all the way. Beside the entry itself stands how the send changes its device's sender row: the row is written only
 * when the store settles, until then it is the stored row plus the records after it.
 *
 *     seq varint, time varint, kind u8, flags u8, [account 16], [device 16, then
 *        next: answers kept varint, client_seq varint, digest 16   (seq and time are the entry's own)
 *        full: last client_seq varint, answers],
 *     body: length varint, bytes
 */
import type { AccountId, EntryKind } from "@troth/protocol";
import { ID_BYTES } from "@troth/protocol/ids.ts";
import type { Answer, StoredEntry } from "../ports.ts";
import { DIGEST_BYTES, readAnswers, writeAnswers } from "./answers.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";

const HAS_ACCOUNT = 1;
const NEXT_ANSWER = 2;
const FULL_ROW = 4;

/** How a send changes a sender row: one answer more after the last `kept` ones, or a whole new row. */
export type SenderChange =
	| { readonly kind: "next"; readonly kept: number; readonly clientSeq: number; readonly digest: string }
	| { readonly kind: "full"; readonly lastClientSeq: number; readonly answers: readonly Answer[] };

export interface RecordHead {
	readonly seq: number;
	readonly timeMs: number;
	readonly kind: number;
	readonly account: Uint8Array | undefined;
	readonly device: Uint8Array | undefined;
	readonly change: SenderChange | undefined;
}

export function writeRecord(
	out: ByteWriter,
	entry: { readonly seq: number; readonly timeMs: number; readonly kind: number; readonly body: Uint8Array },
	account: Uint8Array | undefined,
	device: Uint8Array | undefined,
	change: SenderChange | undefined,
): void {
	out.varint(entry.seq);
	out.varint(entry.timeMs);
	out.u8(entry.kind);
	out.u8(
		(account === undefined ? 0 : HAS_ACCOUNT) |
			(change === undefined ? 0 : change.kind === "next" ? NEXT_ANSWER : FULL_ROW),
	);
	if (account !== undefined) out.raw(account);
	if (change !== undefined && device !== undefined) {
		out.raw(device);
		if (change.kind === "next") {
			out.varint(change.kept);
			out.varint(change.clientSeq);
			out.hex(change.digest, DIGEST_BYTES);
		} else {
			out.varint(change.lastClientSeq);
			writeAnswers(out, change.answers);
		}
	}
	out.blob(entry.body);
}

/** Reads a record up to its body, which the caller reads or skips. */
export function readHead(from: ByteReader): RecordHead {
	const seq = from.varint();
	const timeMs = from.varint();
	const kind = from.u8();
	const flags = from.u8();
	const account = flags & HAS_ACCOUNT ? from.raw(ID_BYTES) : undefined;
	const device = flags & (NEXT_ANSWER | FULL_ROW) ? from.raw(ID_BYTES) : undefined;
	return { seq, timeMs, kind, account, device, change: device && readChange(from, flags) };
}

/** The same for one who knows account and device already, and so needs no views of them. */
export function readNumbers(from: ByteReader): Pick<RecordHead, "seq" | "timeMs" | "change"> {
	const seq = from.varint();
	const timeMs = from.varint();
	from.skip(1);
	const flags = from.u8();
	if (flags & HAS_ACCOUNT) from.skip(ID_BYTES);
	if ((flags & (NEXT_ANSWER | FULL_ROW)) === 0) return { seq, timeMs, change: undefined };
	from.skip(ID_BYTES);
	return { seq, timeMs, change: readChange(from, flags) };
}

function readChange(from: ByteReader, flags: number): SenderChange {
	if (flags & FULL_ROW) return { kind: "full", lastClientSeq: from.varint(), answers: readAnswers(from) };
	return { kind: "next", kept: from.varint(), clientSeq: from.varint(), digest: from.hex(DIGEST_BYTES) };
}

/** Reads the entry alone. Its body is a view on the reader's buffer. */
export function readEntry(from: ByteReader): StoredEntry {
	const seq = from.varint();
	const timeMs = from.varint();
	const kind = from.u8() as EntryKind;
	const flags = from.u8();
	const senderAccount = flags & HAS_ACCOUNT ? (from.hex(ID_BYTES) as AccountId) : undefined;
	if (flags & NEXT_ANSWER) {
		from.skip(ID_BYTES);
		from.varint();
		from.varint();
		from.skip(DIGEST_BYTES);
	} else if (flags & FULL_ROW) {
		from.skip(ID_BYTES);
		readChange(from, flags);
	}
	return { seq, timeMs, kind, senderAccount, body: from.blob() };
}
