import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PutLetterRequest, PutLetterResponseSchema } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";
import { readLetter, readMailbox, readPlace } from "./read-letter.ts";

/** One letter per place. Refuses with MALFORMED, TOO_LARGE, NOT_FOUND, FORBIDDEN (another one lies there), UNAVAILABLE. */
export function putLetter(
	{ mailboxes }: MessengerContext,
	{ mailbox, place, letter }: PutLetterRequest,
): MessageInitShape<typeof PutLetterResponseSchema> {
	mailboxes.put(readMailbox(mailbox), readPlace(place), readLetter(letter));
	return {};
}
