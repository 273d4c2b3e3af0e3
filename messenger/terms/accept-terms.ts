import type { MessageInitShape } from "@bufbuild/protobuf";
import { recordAcceptance } from "@troth/bridge";
import type { AcceptTermsRequest, AcceptTermsResponseSchema } from "@troth/protocol";
import { shareAgain } from "../abuse/actions.ts";
import type { MessengerContext, Session } from "../context.ts";
import { speakerOf } from "./own-statement.ts";

/** A person accepts the version in force. Refuses as `recordAcceptance` does. */
export async function acceptTerms(
	context: MessengerContext,
	request: AcceptTermsRequest,
	session: Session,
): Promise<MessageInitShape<typeof AcceptTermsResponseSchema>> {
	const { version, acceptedAtMs } = await recordAcceptance(context, request, speakerOf(context, session));
	// After the fact: a crash in between is mended by the device, which asks again.
	await context.records.transaction().execute((transaction) => shareAgain(context, transaction, session.account));
	context.directory.standingChanged(session.account);
	context.events.termsAccepted(session.account, version);
	return { acceptedAtMs: BigInt(acceptedAtMs) };
}
