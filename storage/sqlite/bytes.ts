/**
 * The small binary layout that crosses the thread boundary and lies in the store's own blobs: bytes, LEB128 varints of
 * non-negative safe integers, zigzag varints of signed ones, and length-prefixed bytes.
 */

const SMALL = 0x80;
const INT31 = 0x7fff_ffff;
const FOUR_GROUPS = 2 ** 28;
/** The longest varint: 53 bits in groups of seven. */
const VARINT_BYTES = 8;

/** Appends to a buffer that grows. `take` hands the buffer over; the writer starts anew with another. */
export class ByteWriter {
	#bytes: Buffer<ArrayBuffer>;
	#at = 0;

	constructor(buffer: ArrayBuffer) {
		this.#bytes = Buffer.from(buffer);
	}

	get length(): number {
		return this.#at;
	}

	u8(value: number): void {
		this.#reserve(1);
		this.#bytes[this.#at++] = value;
	}

	/** A non-negative safe integer. Throws RangeError for anything else. */
	varint(value: number): void {
		if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("not a non-negative safe integer");
		this.#reserve(VARINT_BYTES);
		const bytes = this.#bytes;
		let rest = value;
		if (rest > INT31) {
			// Four groups at once in whole numbers: the remainder of a large one is slow.
			rest = Math.floor(value / FOUR_GROUPS);
			const low = value - rest * FOUR_GROUPS;
			for (let shift = 0; shift < 28; shift += 7) bytes[this.#at++] = ((low >>> shift) & 0x7f) | SMALL;
		}
		while (rest >= SMALL) {
			bytes[this.#at++] = (rest & 0x7f) | SMALL;
			rest >>>= 7;
		}
		bytes[this.#at++] = rest;
	}

	/** A safe integer of less than 53 bits, small in either direction. */
	signed(value: number): void {
		this.varint(value < 0 ? -value * 2 - 1 : value * 2);
	}

	raw(bytes: Uint8Array): void {
		this.#reserve(bytes.length);
		this.#bytes.set(bytes, this.#at);
		this.#at += bytes.length;
	}

	/** Length, then bytes. */
	blob(bytes: Uint8Array): void {
		this.varint(bytes.length);
		this.raw(bytes);
	}

	text(text: string): void {
		this.blob(Buffer.from(text, "utf8"));
	}

	/** The bytes of a hex string of exactly this many bytes. Throws TypeError where it is anything else. */
	hex(hex: string, length: number): void {
		this.#reserve(length);
		if (hex.length !== 2 * length || this.#bytes.write(hex, this.#at, "hex") !== length) {
			throw new TypeError(`not ${length} bytes in hex`);
		}
		this.#at += length;
	}

	/** Forgets everything after this length. */
	rewind(length: number): void {
		this.#at = length;
	}

	/** The whole buffer and how much of it is written; the writer goes on with `next`. */
	take(next: ArrayBuffer): { readonly buffer: ArrayBuffer; readonly length: number } {
		const taken = { buffer: this.#bytes.buffer, length: this.#at };
		this.#bytes = Buffer.from(next);
		this.#at = 0;
		return taken;
	}

	/** A copy of what is written; the writer starts anew in the same buffer. */
	copy(): Uint8Array<ArrayBuffer> {
		const copy = new Uint8Array(this.#bytes.subarray(0, this.#at));
		this.#at = 0;
		return copy;
	}

	#reserve(bytes: number): void {
		if (this.#at + bytes <= this.#bytes.length) return;
		const larger = Buffer.from(new ArrayBuffer(Math.max(this.#bytes.length * 2, this.#at + bytes)));
		larger.set(this.#bytes.subarray(0, this.#at));
		this.#bytes = larger;
	}
}

/** Reads what ByteWriter wrote. Bytes come as views on the same buffer. */
export class ByteReader {
	readonly #bytes: Buffer<ArrayBuffer>;
	#at: number;
	readonly #end: number;

	constructor(buffer: ArrayBuffer, offset: number, length: number) {
		this.#bytes = Buffer.from(buffer);
		this.#at = offset;
		this.#end = offset + length;
	}

	static over(bytes: Uint8Array): ByteReader {
		return new ByteReader(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
	}

	get done(): boolean {
		return this.#at >= this.#end;
	}

	/** Where the next read begins; for `since`. */
	get position(): number {
		return this.#at;
	}

	/** The bytes read since this position. */
	since(position: number): Uint8Array<ArrayBuffer> {
		return new Uint8Array(this.#bytes.buffer, position, this.#at - position);
	}

	skip(length: number): void {
		this.#check(length);
		this.#at += length;
	}

	u8(): number {
		this.#check(1);
		return this.#bytes[this.#at++] as number;
	}

	varint(): number {
		let value = this.u8();
		if (value < SMALL) return value;
		value &= 0x7f;
		let scale = SMALL;
		for (;;) {
			const byte = this.u8();
			value += (byte & 0x7f) * scale;
			if (byte < SMALL) return value;
			scale *= SMALL;
		}
	}

	signed(): number {
		const value = this.varint();
		return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
	}

	raw(length: number): Uint8Array<ArrayBuffer> {
		this.#check(length);
		const bytes = new Uint8Array(this.#bytes.buffer, this.#at, length);
		this.#at += length;
		return bytes;
	}

	blob(): Uint8Array<ArrayBuffer> {
		return this.raw(this.varint());
	}

	text(): string {
		const length = this.varint();
		this.#check(length);
		this.#at += length;
		return this.#bytes.toString("utf8", this.#at - length, this.#at);
	}

	hex(length: number): string {
		this.#check(length);
		this.#at += length;
		return this.#bytes.toString("hex", this.#at - length, this.#at);
	}

	#check(length: number): void {
		if (this.#at + length > this.#end) throw new RangeError("the bytes end too early");
	}
}
