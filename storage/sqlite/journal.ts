/** The lines of the journal: one per group commit, with the cursors and trims that the tables do not show yet. */
import { ByteReader, ByteWriter } from "./bytes.ts";

export interface JournalLine {
	/** Subscription number, acknowledged seq. */
	readonly acknowledged: readonly (readonly [subscription: number, seq: number])[];
	/** Log number, trimmed up to. */
	readonly trimmed: readonly (readonly [log: number, upTo: number])[];
}

const scratch = new ByteWriter(new ArrayBuffer(4096));

export function encodeLine({ acknowledged, trimmed }: JournalLine): Uint8Array {
	for (const pairs of [acknowledged, trimmed]) {
		scratch.varint(pairs.length);
		for (const [n, seq] of pairs) {
			scratch.varint(n);
			scratch.varint(seq);
		}
	}
	return scratch.copy();
}

export function decodeLine(bytes: Uint8Array): JournalLine {
	const from = ByteReader.over(bytes);
	const pairs = () => Array.from({ length: from.varint() }, () => [from.varint(), from.varint()] as const);
	return { acknowledged: pairs(), trimmed: pairs() };
}
