/**
 * What is needed to show the operator a message that was received, and to have it believed (message franking): kept for
 * the last few of each conversation, on this device alone, and sent only with a report whose reporter asks for it.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ConversationId,
	type Entry,
	EnvelopeSchema,
	ID_BYTES,
	idBytes,
	type RevealedMessage,
	RevealedMessageSchema,
} from "@troth/protocol";
import { equalBytes } from "../content/envelope.ts";
import type { Draft, Readable } from "../state/draft.ts";
import { orderKey } from "../state/keys.ts";

/** Of each conversation, by their numbers: a newer one takes the place of an older one. */
const KEPT = 20;
/** As the server takes them. */
const MOST = 10;

const openingKey = (id: ConversationId, place: number) => `opening/${id}/${orderKey(place)}`;

/** Keeps how this message is opened. `plaintext`: what came out of MLS, whose commitment was found to hold. */
export function keepOpening(
	draft: Draft,
	id: ConversationId,
	{ seq, senderDevice, timeMs, stamp }: Entry,
	sender: AccountId,
	plaintext: Uint8Array,
): void {
	if (stamp === undefined) return;
	const { frankingKey, content } = fromBinary(EnvelopeSchema, plaintext);
	const message = { log: idBytes(id), senderDevice, timeMs, frankingKey, content, frankingTag: stamp.frankingTag };
	const opening = toBinary(RevealedMessageSchema, create(RevealedMessageSchema, message));
	draft.writeBytes(openingKey(id, seq % KEPT), new Uint8Array([...idBytes(sender), ...opening]));
}

/** The newest messages of this account in this conversation, as far as they are kept; the oldest first. */
export async function openingsOf(
	state: Pick<Readable, "readBytes">,
	id: ConversationId,
	sender: AccountId,
	most = MOST,
): Promise<readonly RevealedMessage[]> {
	const places = Array.from({ length: KEPT }, (_, place) => state.readBytes(openingKey(id, place)));
	const kept = (await Promise.all(places)).flatMap((bytes) => {
		if (bytes === undefined || !equalBytes(bytes.subarray(0, ID_BYTES), idBytes(sender))) return [];
		return [fromBinary(RevealedMessageSchema, bytes.subarray(ID_BYTES))];
	});
	return kept.sort((a, b) => Number(a.timeMs - b.timeMs)).slice(-Math.min(most, MOST));
}
