/**
 * What travels inside an MLS application message: the content, and the key of the commitment that stands outside in
 * the AuthenticatedData. A report that shows both can be checked against what the server stamped (message franking),
 * so a message whose commitment does not hold is not shown at all.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import {
	type AuthenticatedData,
	AuthenticatedDataSchema,
	type Content,
	ContentSchema,
	EnvelopeSchema,
	HASH_BYTES,
	ID_BYTES,
	LIMITS,
} from "@troth/protocol";
import { type BusinessHeader, headerFields } from "./business-header.ts";
import { Unreadable } from "./unreadable.ts";

/** The plaintext and the authenticated data of one message. */
export interface SealedEnvelope {
	readonly plaintext: Uint8Array;
	readonly authenticatedData: Uint8Array;
}

/** Wraps a content. `frankingKey`: 32 random bytes, used for this message alone. `business`: a business's message only. */
export function wrapContent(content: Content, frankingKey: Uint8Array, business?: BusinessHeader): SealedEnvelope {
	const bytes = toBinary(ContentSchema, content);
	return {
		plaintext: toBinary(EnvelopeSchema, create(EnvelopeSchema, { frankingKey, content: bytes })),
		authenticatedData: toBinary(
			AuthenticatedDataSchema,
			create(AuthenticatedDataSchema, {
				clientSeq: content.clientSeq,
				frankingCommitment: hmac(sha256, frankingKey, bytes),
				...headerFields(business),
			}),
		),
	};
}

/** Opens what came out of MLS. Throws Unreadable: `Malformed`, `CommitmentMismatch`. */
export function unwrapContent(plaintext: Uint8Array, authenticated: AuthenticatedData): Content {
	const envelope = decode(() => fromBinary(EnvelopeSchema, plaintext));
	if (envelope.frankingKey.length !== HASH_BYTES) throw new Unreadable("Malformed");
	const commitment = hmac(sha256, envelope.frankingKey, envelope.content);
	if (!equalBytes(commitment, authenticated.frankingCommitment)) throw new Unreadable("CommitmentMismatch");
	const content = decode(() => fromBinary(ContentSchema, envelope.content));
	if (!wellFormed(content)) throw new Unreadable("Malformed");
	return content;
}

/** Reads the authenticated data of a message or commit. Throws Unreadable: `Malformed`. */
export function readAuthenticatedData(bytes: Uint8Array): AuthenticatedData {
	return decode(() => fromBinary(AuthenticatedDataSchema, bytes));
}

function decode<T>(read: () => T): T {
	try {
		return read();
	} catch (cause) {
		throw new Unreadable("Malformed", { cause });
	}
}

function wellFormed(content: Content): boolean {
	const witness = content.witness;
	const name = content.profile?.name;
	const { body } = content;
	return (
		content.messageId.length === ID_BYTES &&
		(witness === undefined || witness.hash.length === HASH_BYTES) &&
		(name === undefined || isBetween([...name].length, 1, LIMITS.nameCharacters)) &&
		(body.case !== "text" || body.value.replyTo.length === 0 || body.value.replyTo.length === ID_BYTES) &&
		(body.case !== "continuation" || body.value.replaces.length === ID_BYTES) &&
		(body.case !== "groupState" || isBetween([...body.value.name].length, 1, LIMITS.groupNameCharacters))
	);
}

function isBetween(value: number, least: number, most: number): boolean {
	return value >= least && value <= most;
}

/** True for the same bytes; takes the same time wherever they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	let difference = 0;
	for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
	return difference === 0;
}
