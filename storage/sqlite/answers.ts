/**
 * What the store keeps of a sender's last window, packed: numbers as differences to the answer before, 16 bytes of
 * digest. Thirty-two answers take about 640 bytes.
 */
import type { Answer } from "../ports.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";

export const DIGEST_BYTES = 16;

export function writeAnswers(out: ByteWriter, answers: readonly Answer[]): void {
	let before = NONE;
	out.varint(answers.length);
	for (const answer of answers) {
		out.signed(answer.clientSeq - before.clientSeq);
		out.signed(answer.seq - before.seq);
		out.signed(answer.timeMs - before.timeMs);
		out.hex(answer.digest, DIGEST_BYTES);
		before = answer;
	}
}

export function readAnswers(from: ByteReader): Answer[] {
	const answers: Answer[] = [];
	let before = NONE;
	for (let left = from.varint(); left > 0; left--) {
		before = {
			clientSeq: before.clientSeq + from.signed(),
			seq: before.seq + from.signed(),
			timeMs: before.timeMs + from.signed(),
			digest: from.hex(DIGEST_BYTES),
		};
		answers.push(before);
	}
	return answers;
}

const NONE: Answer = { clientSeq: 0, seq: 0, timeMs: 0, digest: "" };

export function sameAnswer(a: Answer | undefined, b: Answer | undefined): boolean {
	if (a === b) return true;
	return (
		a !== undefined &&
		b !== undefined &&
		a.clientSeq === b.clientSeq &&
		a.seq === b.seq &&
		a.timeMs === b.timeMs &&
		a.digest === b.digest
	);
}
