/**
 * Messages that a reporter reveals (message franking, hazard 15): the key opens the commitment that the sender made outside
 * of the ciphertext, and the server's own stamp says that this commitment came from this device, in this conversation, at
 * this time. Nobody can put words into somebody's mouth, and nobody else's messages are opened by it.
 */
import { createHmac } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	ContentSchema,
	HASH_BYTES,
	ID_BYTES,
	idBytes,
	Refusal,
	type RevealedMessage,
} from "@troth/protocol";
import { Franking } from "../delivery/franking.ts";
import type { Secrets } from "../secrets.ts";

const MOST = 10;
const CONTENT_BYTES = 64 * 1024;

/** As the operator reads it. */
export interface OpenedMessage {
	/** The server's clock when it was stored. */
	readonly atMs: number;
	/** Empty where it says something that is no text. */
	readonly text: string;
}

/** In the order of their times. Refuses with MALFORMED where one of them was not sent like this by that account. */
export function openMessages(
	{ frankingKey }: Pick<Secrets, "frankingKey">,
	sender: AccountId,
	messages: readonly RevealedMessage[],
): readonly OpenedMessage[] {
	if (messages.length > MOST) throw new Refusal("MALFORMED", `at most ${MOST} messages belong to a report`);
	const franking = new Franking(frankingKey);
	return messages.map((message) => open(franking, sender, message)).sort((a, b) => a.atMs - b.atMs);
}

function open(franking: Franking, sender: AccountId, message: RevealedMessage): OpenedMessage {
	const { log, senderDevice, frankingKey, content, frankingTag } = message;
	const timeMs = Number(message.timeMs);
	const shaped =
		log.length === ID_BYTES &&
		senderDevice.length === ID_BYTES &&
		frankingKey.length === HASH_BYTES &&
		content.length <= CONTENT_BYTES &&
		Number.isSafeInteger(timeMs) &&
		timeMs >= 0;
	if (!shaped) throw notSent();
	const commitment = createHmac("sha256", frankingKey).update(content).digest();
	const franked = { commitment, log, senderAccount: idBytes(sender), senderDevice, timeMs };
	if (!franking.verify(franked, frankingTag)) throw notSent();
	return { atMs: timeMs, text: textOf(content) };
}

function textOf(content: Uint8Array): string {
	try {
		const { body } = fromBinary(ContentSchema, content);
		if (body.case === "text") return body.value.text;
		return body.case === "template" ? body.value.fallbackText : "";
	} catch {
		throw notSent();
	}
}

function notSent(): Refusal {
	return new Refusal("MALFORMED", "a message is not one that this account sent here");
}
