import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GetPresenceAudienceRequest, GetPresenceAudienceResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { AUDIENCES } from "./audience.ts";

export async function getPresenceAudience(
	{ presence }: Pick<MessengerContext, "presence">,
	_request: GetPresenceAudienceRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof GetPresenceAudienceResponseSchema>> {
	return { audience: AUDIENCES[await presence.audienceOf(account)] };
}
