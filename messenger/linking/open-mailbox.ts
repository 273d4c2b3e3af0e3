import type { MessageInitShape } from "@bufbuild/protobuf";
import { MailboxPlace, type OpenMailboxRequest, type OpenMailboxResponseSchema } from "@troth/protocol";
import type { Caller, MessengerContext } from "../context.ts";
import { readLetter, readMailbox } from "./read-letter.ts";

/** A new device offers itself. Refuses with MALFORMED, TOO_LARGE, FORBIDDEN, RATE_LIMITED, UNAVAILABLE. */
export function openMailbox(
	{ mailboxes }: MessengerContext,
	{ mailbox, offer }: OpenMailboxRequest,
	{ address }: Caller,
): MessageInitShape<typeof OpenMailboxResponseSchema> {
	const expiresAtMs = mailboxes.open(readMailbox(mailbox), MailboxPlace.OFFER, readLetter(offer), address);
	return { expiresAtMs: BigInt(expiresAtMs) };
}
