import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CloseMailboxRequest, CloseMailboxResponseSchema } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";
import { readMailbox } from "./read-letter.ts";

/** The letters were read, or nobody will read them. Refuses with MALFORMED. */
export function closeMailbox(
	{ mailboxes }: MessengerContext,
	{ mailbox }: CloseMailboxRequest,
): MessageInitShape<typeof CloseMailboxResponseSchema> {
	mailboxes.close(readMailbox(mailbox));
	return {};
}
