import type { MessageInitShape } from "@bufbuild/protobuf";
import type { UnsubscribePushRequest, UnsubscribePushResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** Also where there is no subscription. */
export async function unsubscribePush(
	{ wakeUps }: Pick<MessengerContext, "wakeUps">,
	_request: UnsubscribePushRequest,
	{ device }: Session,
): Promise<MessageInitShape<typeof UnsubscribePushResponseSchema>> {
	await wakeUps?.unsubscribe(device);
	return {};
}
