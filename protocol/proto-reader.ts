/** Reading protobuf by hand: refuses what does not fit instead of cutting it off, copies nothing. */

/** Bytes from outside that are no protobuf message of the expected kind. */
export class FrameError extends Error {
	override readonly name = "FrameError";
}

/** A cursor over protobuf bytes; never reads past `end`. For messages with a reader of their own elsewhere, too. */
export class ProtoReader {
	at: number;
	readonly #bytes: Uint8Array;
	readonly #end: number;

	constructor(bytes: Uint8Array, start: number, end: number) {
		this.#bytes = bytes;
		this.at = start;
		this.#end = end;
	}

	more(): boolean {
		return this.at < this.#end;
	}

	/** A varint of at most 32 bits. */
	uint32(): number {
		const first = this.#byte();
		if (first < 0x80) return first;
		let value = first & 0x7f;
		for (let shift = 7; shift < 35; shift += 7) {
			const byte = this.#byte();
			if (shift === 28 && byte > 0x0f) break;
			value |= (byte & 0x7f) << shift;
			if (byte < 0x80) return value >>> 0;
		}
		throw new FrameError("a number does not fit 32 bits");
	}

	/** A varint up to 2^53 - 1. */
	safeInteger(): number {
		let value = 0;
		let factor = 1;
		for (let count = 0; count < 8; count++) {
			const byte = this.#byte();
			value += (byte & 0x7f) * factor;
			if (byte < 0x80) {
				if (value > Number.MAX_SAFE_INTEGER) break;
				return value;
			}
			factor *= 128;
		}
		throw new FrameError("a number is not a safe integer");
	}

	/** A length and that many bytes, as a view. */
	bytes(): Uint8Array {
		const length = this.uint32();
		const start = this.at;
		if (length > this.#end - start) throw new FrameError("a field is longer than its message");
		this.at = start + length;
		return this.#bytes.subarray(start, this.at);
	}

	/** Skips the field behind a tag. `known`: the highest field number of this message; these come with their own type. */
	skip(tag: number, known: number): void {
		const field = tag >>> 3;
		if (field === 0) throw new FrameError("a field has the number 0");
		if (field <= known) throw new FrameError("a field has the wrong type");
		switch (tag & 7) {
			case 0:
				for (let count = 0; count < 10; count++) if (this.#byte() < 0x80) return;
				throw new FrameError("a number is longer than 10 bytes");
			case 1:
				this.#advance(8);
				return;
			case 2:
				this.#advance(this.uint32());
				return;
			case 5:
				this.#advance(4);
				return;
			default:
				throw new FrameError("a field has an unknown type");
		}
	}

	#byte(): number {
		if (this.at >= this.#end) throw new FrameError("the message is cut off");
		return this.#bytes[this.at++] as number;
	}

	#advance(count: number): void {
		if (count > this.#end - this.at) throw new FrameError("the message is cut off");
		this.at += count;
	}
}
