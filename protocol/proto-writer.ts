/** Writing protobuf by hand, into a buffer whose size was found before: field by field, in their order. */

/** Bytes of a varint: of a safe integer that is not negative. */
export function varintSize(value: number): number {
	if (value < 0x80) return 1;
	if (value < 0x4000) return 2;
	if (value < 0x20_0000) return 3;
	if (value < 0x1000_0000) return 4;
	if (value < 2 ** 35) return 5;
	if (value < 2 ** 42) return 6;
	return value < 2 ** 49 ? 7 : 8;
}

/** Fields with their default value are not written (proto3). All tags here take one byte. */
export function numberSize(value: number): number {
	return value === 0 ? 0 : 1 + varintSize(value);
}

/** Bytes of a field with its tag and length; nothing for the default value. */
export function bytesSize(bytes: Uint8Array): number {
	return bytes.length === 0 ? 0 : 1 + varintSize(bytes.length) + bytes.length;
}

/** Writes at `at`; gives the position behind it, as the others do. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
	let rest = value;
	let next = at;
	// Above 32 bits the shifting operators would cut the number off.
	while (rest > 0xffff_ffff) {
		into[next++] = (rest % 128) | 0x80;
		rest = Math.floor(rest / 128);
	}
	while (rest > 0x7f) {
		into[next++] = (rest & 0x7f) | 0x80;
		rest >>>= 7;
	}
	into[next++] = rest;
	return next;
}

/** `tag`: one byte, the field's number and wire type. */
export function writeNumber(into: Uint8Array, at: number, tag: number, value: number): number {
	if (value === 0) return at;
	into[at] = tag;
	return writeVarint(into, at + 1, value);
}

export function writeBytes(into: Uint8Array, at: number, tag: number, bytes: Uint8Array): number {
	if (bytes.length === 0) return at;
	into[at] = tag;
	const start = writeVarint(into, at + 1, bytes.length);
	into.set(bytes, start);
	return start + bytes.length;
}
