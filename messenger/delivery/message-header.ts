/**
 * What the server may read of an application message without any key: the header of the MLS PrivateMessage (RFC 9420
 * section 6.3) and the AuthenticatedData inside it. Read by hand, because this runs for every message; nothing here
 * can decrypt.
 *
 *   MLSMessage:     version uint16 = 1, wire_format uint16 = 2
 *   PrivateMessage: group_id<V>, epoch uint64, content_type uint8, authenticated_data<V>,
 *                   encrypted_sender_data<V>, ciphertext<V>
 */
import { FrameError, HASH_BYTES, ID_BYTES, LIMITS, ProtoReader, Refusal } from "@troth/protocol";

export interface MessageHeader {
	/** The number that the sender authenticated inside the message. */
	readonly clientSeq: number;
	readonly frankingCommitment: Uint8Array | undefined;
	/** Of business messages (`business/category-rule.ts`): the number as it stands there, 0 where there is none. */
	readonly category: number;
	readonly consentId: Uint8Array | undefined;
	readonly hasTemplate: boolean;
}

const VERSION_MLS10 = 1;
const WIRE_FORMAT_PRIVATE_MESSAGE = 2;
const CONTENT_TYPE_APPLICATION = 1;
const EPOCH_BYTES = 8;

/**
 * The header of an application message for this group and epoch.
 * Throws Refusal: TOO_LARGE, or MALFORMED with what was compared.
 */
export function readMessageHeader(payload: Uint8Array, group: Uint8Array, epoch: number): MessageHeader {
	if (payload.length > LIMITS.messageBytes)
		throw new Refusal("TOO_LARGE", "the message is too large", { limitBytes: LIMITS.messageBytes });
	if (payload.length < 4 || uint16(payload, 0) !== VERSION_MLS10 || uint16(payload, 2) !== WIRE_FORMAT_PRIVATE_MESSAGE)
		throw malformed("the payload is not an MLSMessage with a PrivateMessage");

	let at = 4;
	const groupStart = at + lengthSize(payload, at);
	at = groupStart + vectorLength(payload, at);
	if (!equals(payload, groupStart, at, group)) throw malformed("the message is for another group");

	if (at + EPOCH_BYTES + 1 > payload.length) throw malformed("the message is cut off");
	if (uint32(payload, at) !== 0 || uint32(payload, at + 4) !== epoch)
		throw malformed("the message names another epoch than its frame");
	at += EPOCH_BYTES;
	if (payload[at] !== CONTENT_TYPE_APPLICATION) throw malformed("the message is no application message");
	at += 1;

	const dataStart = at + lengthSize(payload, at);
	const dataEnd = dataStart + vectorLength(payload, at);
	at = dataEnd + lengthSize(payload, dataEnd) + vectorLength(payload, dataEnd);
	at += lengthSize(payload, at) + vectorLength(payload, at);
	if (at !== payload.length) throw malformed("bytes follow the message");
	return readAuthenticatedData(payload, dataStart, dataEnd);
}

/** The part of an AuthenticatedData (`entry.proto`) that the server relies on. Throws Refusal MALFORMED. */
export function readAuthenticatedData(bytes: Uint8Array, start = 0, end = bytes.length): MessageHeader {
	try {
		const reader = new ProtoReader(bytes, start, end);
		let clientSeq = 0;
		let frankingCommitment: Uint8Array | undefined;
		let category = 0;
		let consentId: Uint8Array | undefined;
		let template: Uint8Array | undefined;
		while (reader.more()) {
			const tag = reader.uint32();
			if (tag === 8) clientSeq = reader.uint32();
			else if (tag === 18) frankingCommitment = reader.bytes();
			else if (tag === 24) category = reader.uint32();
			else if (tag === 34) consentId = reader.bytes();
			else if (tag === 42) template = reader.bytes();
			else if (tag === 50) reader.bytes();
			else reader.skip(tag, 6);
		}
		if (frankingCommitment !== undefined && frankingCommitment.length !== HASH_BYTES)
			throw malformed("the franking commitment has the wrong length");
		if (consentId !== undefined && consentId.length !== ID_BYTES)
			throw malformed("the consent id has the wrong length");
		if (template !== undefined && template.length !== HASH_BYTES)
			throw malformed("the template commitment has the wrong length");
		return { clientSeq, frankingCommitment, category, consentId, hasTemplate: template !== undefined };
	} catch (error) {
		if (error instanceof FrameError) throw malformed("the authenticated data does not decode");
		throw error;
	}
}

/** Bytes of the length in front of a vector: 1, 2 or 4 (RFC 9420 section 2.1.2). */
function lengthSize(bytes: Uint8Array, at: number): number {
	return 1 << ((bytes[at] ?? 0) >>> 6);
}

/** The length in front of a vector, after checking that the vector is all there and the length as short as can be. */
function vectorLength(bytes: Uint8Array, at: number): number {
	const first = bytes[at];
	if (first === undefined) throw malformed("the message is cut off");
	const size = lengthSize(bytes, at);
	if (size === 8 || at + size > bytes.length) throw malformed("the message has a wrong length inside");
	let length = first & 0x3f;
	for (let i = 1; i < size; i++) length = length * 256 + (bytes[at + i] as number);
	if ((size === 2 && length < 64) || (size === 4 && length < 16_384))
		throw malformed("the message has a length that is not minimal");
	if (at + size + length > bytes.length) throw malformed("the message is cut off");
	return length;
}

function uint16(bytes: Uint8Array, at: number): number {
	return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function uint32(bytes: Uint8Array, at: number): number {
	return uint16(bytes, at) * 65_536 + uint16(bytes, at + 2);
}

function equals(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
	if (end - start !== other.length) return false;
	for (let i = 0; i < other.length; i++) if (bytes[start + i] !== other[i]) return false;
	return true;
}

function malformed(message: string): Refusal {
	return new Refusal("MALFORMED", message);
}
