import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TakeLetterRequest, TakeLetterResponseSchema } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";
import { readMailbox, readPlace } from "./read-letter.ts";

const LONGEST_WAIT_MS = 20_000;

/** Waits for the letter; it stays there for whoever lost the answer. Refuses with MALFORMED, NOT_FOUND. */
export async function takeLetter(
	{ mailboxes }: MessengerContext,
	{ mailbox, place, waitMs }: TakeLetterRequest,
): Promise<MessageInitShape<typeof TakeLetterResponseSchema>> {
	const letter = await mailboxes.take(readMailbox(mailbox), readPlace(place), Math.min(waitMs, LONGEST_WAIT_MS));
	return letter === undefined ? {} : { letter: new Uint8Array(letter) };
}
