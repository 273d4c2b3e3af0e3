/**
 * Branded identifiers. Account, device and conversation ids are 16 random bytes on the wire and lower-case hex in
 * memory, in stores and in the app, so that they compare with `===` and work as map keys.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type AccountId = Branded<"AccountId">;
export type DeviceId = Branded<"DeviceId">;
export type ConversationId = Branded<"ConversationId">;
/** A log is a conversation's (its id) or a device's own (the device id). */
export type LogId = ConversationId | DeviceId;
/** Chosen by the sender, inside the ciphertext. */
export type MessageId = Branded<"MessageId">;
/** SHA-256 of a blob's bytes, 64 hex digits. */
export type BlobId = Branded<"BlobId">;
/** E.164, verified or at least plausible: "+15550100001". Never in logs. */
export type PhoneNumber = Branded<"PhoneNumber">;

export const ID_BYTES = 16;
export const HASH_BYTES = 32;

/** Lower-case hex of the bytes. */
export function toHex(bytes: Uint8Array): string {
	let hex = "";
	for (const byte of bytes) hex += HEX[byte];
	return hex;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The bytes of a hex string; undefined where it is not hex. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> | undefined {
	if (hex.length % 2 !== 0 || !/^[0-9a-f]*$/.test(hex)) return undefined;
	const bytes = new Uint8Array(hex.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = 16 * digitAt(hex, 2 * i) + digitAt(hex, 2 * i + 1);
	return bytes;
}

/** Of lower-case hexadecimal. */
function digitAt(hex: string, at: number): number {
	const code = hex.charCodeAt(at);
	return code < 0x61 ? code - 0x30 : code - 0x61 + 10;
}

/** Reads an id of 16 bytes from the wire; undefined where the length is wrong. */
export function readId<Id extends AccountId | DeviceId | ConversationId | LogId | MessageId>(
	bytes: Uint8Array,
): Id | undefined {
	return bytes.length === ID_BYTES ? (toHex(bytes) as Id) : undefined;
}

/** Reads a SHA-256 blob address from the wire; undefined where the length is wrong. */
export function readBlobId(bytes: Uint8Array): BlobId | undefined {
	return bytes.length === HASH_BYTES ? (toHex(bytes) as BlobId) : undefined;
}

/** The wire form of an id. Ids are hex by construction: anything else is a defect of ours. */
export function idBytes(id: LogId | AccountId | MessageId | BlobId): Uint8Array<ArrayBuffer> {
	const bytes = fromHex(id);
	if (bytes === undefined) throw new TypeError("an id is not hexadecimal");
	return bytes;
}
