import type { MessageInitShape } from "@bufbuild/protobuf";
import { Refusal, type SetPresenceAudienceRequest, type SetPresenceAudienceResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { audienceName } from "./audience.ts";

/** Refuses with MALFORMED. */
export async function setPresenceAudience(
	{ presence }: Pick<MessengerContext, "presence">,
	request: SetPresenceAudienceRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof SetPresenceAudienceResponseSchema>> {
	const audience = audienceName(request.audience);
	if (audience === undefined) throw new Refusal("MALFORMED", "no such audience");
	await presence.choose(account, audience);
	return {};
}
