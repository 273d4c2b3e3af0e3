/**
 * Complete WebSocket messages, ready to be written to any number of sockets. What a server sends is not masked
 * (RFC 6455 section 5.1), so the bytes are the same for every reader: an entry is put into its message once, and the
 * message is shared.
 */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { AccountId } from "@troth/protocol";
import {
	decodeEntry,
	type EntryFields,
	type EntryKind,
	entryFrameHeaderSize,
	entrySize,
	FrameSchema,
	type SendOkFields,
	sendOkFrameSize,
	writeEntry,
	writeEntryFrameHeader,
	writeSendOkFrame,
} from "@troth/protocol";
import type { StoredEntry } from "@troth/storage";

const FIN_BINARY = 0x82;

/** An entry in the form in which it goes to readers. */
export interface EntryMessage {
	readonly seq: number;
	readonly kind: EntryKind;
	/** Undefined for the server's own entries. */
	readonly senderAccount: AccountId | undefined;
	/** The whole WebSocket message. */
	readonly message: Buffer;
	/** The bytes of the Entry inside it: what is stored. */
	readonly body: Buffer;
}

/** Makes the message of a new entry: encoded here, once. */
export function newEntryMessage(fields: EntryFields, senderAccount: AccountId | undefined): EntryMessage {
	const size = entrySize(fields);
	const [message, bodyStart] = entryFrame(size);
	writeEntry(message, bodyStart, fields);
	return { seq: fields.seq, kind: fields.kind as EntryKind, senderAccount, message, body: message.subarray(bodyStart) };
}

/** Makes the message of an entry that comes from the store. */
export function storedEntryMessage({ seq, kind, senderAccount, body }: StoredEntry): EntryMessage {
	const [message, bodyStart] = entryFrame(body.length);
	message.set(body, bodyStart);
	return { seq, kind, senderAccount, message, body: message.subarray(bodyStart) };
}

/** The fields of an entry, for the few readers on the server that need them. */
export function entryFields({ body }: EntryMessage): EntryFields {
	return decodeEntry(body);
}

function entryFrame(bodySize: number): [message: Buffer, bodyStart: number] {
	const frameSize = entryFrameHeaderSize(bodySize) + bodySize;
	const message = Buffer.allocUnsafe(headerSize(frameSize) + frameSize);
	return [message, writeEntryFrameHeader(message, writeHeader(message, frameSize), bodySize)];
}

/** The message of a SendOk. */
export function sendOkMessage(ok: SendOkFields): Buffer {
	const frameSize = sendOkFrameSize(ok);
	const message = Buffer.allocUnsafe(headerSize(frameSize) + frameSize);
	writeSendOkFrame(message, writeHeader(message, frameSize), ok);
	return message;
}

/** The message of any frame. */
export function frameMessage(body: NonNullable<MessageInitShape<typeof FrameSchema>["body"]>): Buffer {
	return messageOf(toBinary(FrameSchema, create(FrameSchema, { body })));
}

/** The message of a Frame that is encoded already. */
export function messageOf(frame: Uint8Array): Buffer {
	const message = Buffer.allocUnsafe(headerSize(frame.length) + frame.length);
	message.set(frame, writeHeader(message, frame.length));
	return message;
}

/** Bytes of the WebSocket header in front of a payload. */
function headerSize(payload: number): number {
	if (payload < 126) return 2;
	return payload < 65_536 ? 4 : 10;
}

function writeHeader(into: Buffer, payload: number): number {
	into[0] = FIN_BINARY;
	if (payload < 126) {
		into[1] = payload;
		return 2;
	}
	if (payload < 65_536) {
		into[1] = 126;
		into.writeUInt16BE(payload, 2);
		return 4;
	}
	into[1] = 127;
	into.writeUInt32BE(0, 2);
	into.writeUInt32BE(payload, 6);
	return 10;
}
