/** The parts of a request about a mailbox, checked. Each refuses with MALFORMED or TOO_LARGE. */
import { ID_BYTES, LIMITS, MailboxPlace, Refusal, toHex } from "@troth/protocol";

/** Nonce and tag. */
const LEAST_BYTES = 12 + 16;

export function readMailbox(bytes: Uint8Array): string {
	if (bytes.length !== ID_BYTES) throw new Refusal("MALFORMED", "a mailbox's id has 16 bytes");
	return toHex(bytes);
}

export function readPlace(place: MailboxPlace): MailboxPlace {
	if (place < MailboxPlace.OFFER || place > MailboxPlace.BUNDLE)
		throw new Refusal("MALFORMED", "no such place in a mailbox");
	return place;
}

export function readLetter(letter: Uint8Array): Uint8Array {
	if (letter.length < LEAST_BYTES) throw new Refusal("MALFORMED", "this is no sealed letter");
	if (letter.length > LIMITS.letterBytes)
		throw new Refusal("TOO_LARGE", "the letter is too long", { limitBytes: LIMITS.letterBytes });
	// A copy of its own: what came with it in the request's buffer is let go.
	return Uint8Array.from(letter);
}
