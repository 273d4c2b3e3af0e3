/** Base 64 as the C2SP texts use it: RFC 4648 section 4, with padding, in exactly one spelling. */

export function toBase64(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes));
}

/** The bytes; undefined where the text is anything but their one spelling. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
	if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
	const binary = atob(text);
	// The unused bits of the last group could carry anything: two texts for the same bytes.
	if (btoa(binary) !== text) return undefined;
	const bytes = new Uint8Array(binary.length);
	for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
	return bytes;
}
