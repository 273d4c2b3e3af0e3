import type { MessageInitShape } from "@bufbuild/protobuf";
import { LIMITS, Refusal, type SubscribePushRequest, type SubscribePushResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** Refuses with MALFORMED, FORBIDDEN (not a push service of the operator's list), UNAVAILABLE (there is none). */
export async function subscribePush(
	{ wakeUps }: Pick<MessengerContext, "wakeUps">,
	{ endpoint }: SubscribePushRequest,
	{ account, device }: Session,
): Promise<MessageInitShape<typeof SubscribePushResponseSchema>> {
	if (wakeUps === undefined) throw new Refusal("UNAVAILABLE", "this server wakes nobody");
	if (endpoint.length > LIMITS.pushEndpointBytes || !URL.canParse(endpoint))
		throw new Refusal("MALFORMED", "the endpoint is not an address");
	if (!wakeUps.takes(endpoint)) throw new Refusal("FORBIDDEN", "this server does not talk to that push service");
	await wakeUps.subscribe(account, device, endpoint);
	return {};
}
