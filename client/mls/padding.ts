/** How long a ciphertext looks: PADME (Nikitin et al., PETS 2019), with a floor that most texts stay under. */

const FLOOR_BYTES = 256;
const SIGNATURE_BYTES = 64;

/** Bytes of a vector's length field (RFC 9420 section 2.1.2). */
function lengthFieldBytes(length: number): number {
	return length < 64 ? 1 : length < 16_384 ? 2 : 4;
}

/** The next length whose last bits are zero, so that it tells O(log log n) bits of n and costs at most 12 %. */
export function padme(length: number): number {
	if (length < 2) return length;
	const exponent = Math.floor(Math.log2(length));
	const mantissaBits = Math.floor(Math.log2(exponent)) + 1;
	const step = 2 ** Math.max(0, exponent - mantissaBits);
	return Math.ceil(length / step) * step;
}

/** Zero bytes to append to a PrivateMessageContent (section 6.3.1) with this much application data. */
export function paddingFor(plaintextBytes: number): number {
	const content =
		lengthFieldBytes(plaintextBytes) + plaintextBytes + lengthFieldBytes(SIGNATURE_BYTES) + SIGNATURE_BYTES;
	return Math.max(FLOOR_BYTES, padme(content)) - content;
}
