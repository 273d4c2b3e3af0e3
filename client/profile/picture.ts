/**
 * A picture as it may be shown to others: a JPEG or WebP, small, and without what cameras and programs write into it
 * beside the picture (where it was taken, on what, by whom). The web app draws it anew before it comes here; files do not
 * pass that way, and what others send is looked at before a browser decodes it.
 */
import { LIMITS, Refusal } from "@troth/protocol";

export type PictureType = "image/jpeg" | "image/webp";

/** By its first bytes; undefined where it is neither. */
export function pictureType(bytes: Uint8Array): PictureType | undefined {
	if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
	return textAt(bytes, 0) === "RIFF" && textAt(bytes, 8) === "WEBP" ? "image/webp" : undefined;
}

/** Refuses with MALFORMED what is no JPEG or WebP, with TOO_LARGE (limitBytes) what is larger than a profile's picture. */
export function readPicture(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
	const type = pictureType(bytes);
	if (type === undefined) throw new Refusal("MALFORMED", "a picture is a JPEG or a WebP");
	const plain = type === "image/jpeg" ? withoutSegments(bytes) : withoutChunks(bytes);
	if (plain === undefined) throw new Refusal("MALFORMED", "the picture is damaged");
	if (plain.length > LIMITS.profilePhotoBytes)
		throw new Refusal("TOO_LARGE", "the picture is too large", { limitBytes: LIMITS.profilePhotoBytes });
	return plain;
}

const SCAN = 0xda;
const COMMENT = 0xfe;
/** Application segments but the first two: JFIF, and nothing that pictures need after it (Adobe's is kept: it says how colours are coded). */
const isMetadata = (marker: number) => marker === COMMENT || (marker >= 0xe1 && marker <= 0xef && marker !== 0xee);

/** A JPEG without its metadata segments (ITU-T T.81 annex B); undefined where it is none. */
function withoutSegments(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const parts = [bytes.subarray(0, 2)];
	for (let at = 2; at + 4 <= bytes.length; ) {
		const marker = bytes[at + 1] ?? 0;
		if (bytes[at] !== 0xff || marker === 0xff) return undefined;
		if (marker === SCAN) return joined([...parts, bytes.subarray(at)]);
		const end = at + 2 + view.getUint16(at + 2);
		if (end > bytes.length || end < at + 4) return undefined;
		if (!isMetadata(marker)) parts.push(bytes.subarray(at, end));
		at = end;
	}
	return undefined;
}

const HEADER = 12;
const CHUNK = 8;
/** In the extended header: EXIF and XMP are there. */
const METADATA_FLAGS = 0x08 | 0x04;

/** A WebP without EXIF and XMP (RFC 9649 section 2.7); undefined where it is none. */
function withoutChunks(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const parts = [bytes.subarray(0, HEADER)];
	for (let at = HEADER; at < bytes.length; ) {
		if (at + CHUNK > bytes.length) return undefined;
		const kind = textAt(bytes, at);
		const size = view.getUint32(at + 4, true);
		const end = at + CHUNK + size + (size % 2);
		if (end > bytes.length) return undefined;
		const chunk = bytes.slice(at, end);
		if (kind === "VP8X") chunk[CHUNK] = (chunk[CHUNK] ?? 0) & ~METADATA_FLAGS;
		if (kind !== "EXIF" && kind !== "XMP ") parts.push(chunk);
		at = end;
	}
	const plain = joined(parts);
	new DataView(plain.buffer).setUint32(4, plain.length - 8, true);
	return parts.length > 1 ? plain : undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

function textAt(bytes: Uint8Array, at: number): string {
	return String.fromCharCode(...bytes.subarray(at, at + 4));
}
