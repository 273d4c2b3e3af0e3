/** An archive as a file: its head, then each part after its length (4 bytes, big endian). Nothing follows the last one. */
import { LIMITS } from "@troth/protocol";
import { ArchiveError } from "./archive-error.ts";
import { headLength } from "./cipher.ts";

const LENGTH_BYTES = 4;
const PART_BYTES_MAX = LIMITS.archivePartBytes;

/** The bytes of the file, piece by piece. */
export async function* toFile(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	let head = true;
	for await (const part of parts) {
		const length = head ? 0 : LENGTH_BYTES;
		const piece = new Uint8Array(length + part.length);
		if (!head) new DataView(piece.buffer).setUint32(0, part.length);
		piece.set(part, length);
		yield piece;
		head = false;
	}
}

/**
 * Head and parts of a file that comes in pieces of any size. Rejects with NotAnArchive, Damaged, Truncated (it ends
 * inside a part; whether a last one came is for who opens them to say).
 */
export async function* fromFile(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	const source = new Pieces(bytes);
	let length: number | undefined;
	for (let wanted = 1; length === undefined; wanted++) {
		const start = await source.peek(wanted);
		length = headLength(start);
		if (length === undefined && start.length < wanted) throw new ArchiveError("Truncated", "the file ends in its head");
	}
	yield await source.take(length);
	while ((await source.peek(1)).length > 0) {
		const prefix = await source.take(LENGTH_BYTES);
		const size = new DataView(prefix.buffer).getUint32(0);
		if (size > PART_BYTES_MAX) throw new ArchiveError("Damaged", "a part is longer than any");
		yield await source.take(size);
	}
}

/** Reads by count from pieces of any size. */
class Pieces {
	readonly #iterator: AsyncIterator<Uint8Array>;
	#held: Uint8Array[] = [];
	#length = 0;
	#ended = false;

	constructor(bytes: AsyncIterable<Uint8Array>) {
		this.#iterator = bytes[Symbol.asyncIterator]();
	}

	/** Up to so many bytes, fewer at the end; they stay. */
	async peek(count: number): Promise<Uint8Array<ArrayBuffer>> {
		while (this.#length < count && !this.#ended) {
			const { done, value } = await this.#iterator.next();
			if (done === true) this.#ended = true;
			else {
				this.#held.push(value);
				this.#length += value.length;
			}
		}
		const found = new Uint8Array(Math.min(count, this.#length));
		let at = 0;
		for (const piece of this.#held) {
			if (at === found.length) break;
			found.set(piece.subarray(0, found.length - at), at);
			at += Math.min(piece.length, found.length - at);
		}
		return found;
	}

	/** So many bytes. Rejects with Truncated where they are not there. */
	async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
		const found = await this.peek(count);
		if (found.length < count) throw new ArchiveError("Truncated", "the file ends in a part");
		let left = count;
		while (left > 0) {
			const [first] = this.#held;
			if (first === undefined) break;
			if (first.length > left) this.#held[0] = first.subarray(left);
			else this.#held.shift();
			left -= Math.min(left, first.length);
		}
		this.#length -= count;
		return found;
	}
}
