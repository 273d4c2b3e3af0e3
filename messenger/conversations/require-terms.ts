import { Refusal } from "@troth/protocol";
import type { Directory, Session } from "../context.ts";

/** Refuses with TERMS_NOT_ACCEPTED while the account has not accepted the terms in force. */
export async function requireTerms(
	{ directory }: { readonly directory: Directory },
	{ account }: Session,
): Promise<void> {
	if (!(await directory.acceptedTerms(account)))
		throw new Refusal("TERMS_NOT_ACCEPTED", "the terms in force are not accepted yet");
}
