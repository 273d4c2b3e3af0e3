import type { MessageInitShape } from "@bufbuild/protobuf";
import { shareKeyOf, standingOf } from "@troth/bridge";
import type { GetStandingRequest, GetStandingResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** Where the caller stands with the terms, what they chose, and the key to their shares. */
export async function getStanding(
	context: MessengerContext,
	_request: GetStandingRequest,
	session: Session,
): Promise<MessageInitShape<typeof GetStandingResponseSchema>> {
	return {
		standing: await standingOf(context, session),
		shareKey: await shareKeyOf(context.records, session.account, context.clock.now()),
	};
}
