import type { MessageInitShape } from "@bufbuild/protobuf";
import { recordAcceptance } from "@troth/bridge";
import type { AcceptTermsRequest, AcceptTermsResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { speakerOf } from "./own-statement.ts";

/** A person accepts the version in force. Refuses as `recordAcceptance` does. */
export async function acceptTerms(
	context: MessengerContext,
	request: AcceptTermsRequest,
	session: Session,
): Promise<MessageInitShape<typeof AcceptTermsResponseSchema>> {
	const { version, acceptedAtMs } = await recordAcceptance(context, request, speakerOf(context, session));
	context.directory.standingChanged(session.account);
	context.events.termsAccepted(session.account, version);
	return { acceptedAtMs: BigInt(acceptedAtMs) };
}
