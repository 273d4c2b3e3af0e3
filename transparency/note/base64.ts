/** Base 64 as the C2SP texts use it: RFC 4648 section 4, with padding, in exactly one spelling. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIGITS = new TextEncoder().encode(ALPHABET);
const VALUES = new Int8Array(128).fill(-1);
for (const [value, digit] of DIGITS.entries()) VALUES[digit] = value;
const PADDING = 0x3d;
const NEWLINE = 0x0a;

export function toBase64(bytes: Uint8Array): string {
	return toBase64Lines([bytes]).slice(0, -1);
}

/** Each on a line that ends in a newline. A proof has twenty hashes: one text of all is made twice as fast as twenty. */
export function toBase64Lines(all: readonly Uint8Array[]): string {
	const text = new Uint8Array(all.reduce((sum, { length }) => sum + 4 * Math.ceil(length / 3) + 1, 0));
	let end = 0;
	for (const bytes of all) {
		const whole = bytes.length - (bytes.length % 3);
		for (let at = 0; at < whole; at += 3) {
			const group = groupAt(bytes, at);
			text[end++] = digit(group >> 18);
			text[end++] = digit((group >> 12) & 63);
			text[end++] = digit((group >> 6) & 63);
			text[end++] = digit(group & 63);
		}
		if (whole < bytes.length) {
			const group = groupAt(bytes, whole);
			text[end++] = digit(group >> 18);
			text[end++] = digit((group >> 12) & 63);
			text[end++] = whole + 1 < bytes.length ? digit((group >> 6) & 63) : PADDING;
			text[end++] = PADDING;
		}
		text[end++] = NEWLINE;
	}
	return new TextDecoder().decode(text);
}

/** The bytes; undefined where the text is anything but their one spelling. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
	if (text.length % 4 !== 0) return undefined;
	const digits = text.endsWith("==") ? text.length - 2 : text.endsWith("=") ? text.length - 1 : text.length;
	const bytes = new Uint8Array((digits * 6) >> 3);
	for (let at = 0, end = 0; at < digits; at += 4, end += 3) {
		const high = (valueAt(text, at, digits) << 18) | (valueAt(text, at + 1, digits) << 12);
		const group = high | (valueAt(text, at + 2, digits) << 6) | valueAt(text, at + 3, digits);
		// No digit is -1, and shifted it is still negative.
		if (group < 0) return undefined;
		bytes[end] = group >> 16;
		bytes[end + 1] = group >> 8;
		bytes[end + 2] = group;
		// The unused bits of the last group could carry anything: two texts for the same bytes.
		if (at + 2 === digits && (group & 0xffff) !== 0) return undefined;
		if (at + 3 === digits && (group & 0xff) !== 0) return undefined;
	}
	return bytes;
}

function digit(value: number): number {
	return DIGITS[value] ?? 0;
}

/** Three bytes; zero past the end, as the padding means it. */
function groupAt(bytes: Uint8Array, at: number): number {
	return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

function valueAt(text: string, at: number, digits: number): number {
	return at < digits ? (VALUES[text.charCodeAt(at)] ?? -1) : 0;
}
