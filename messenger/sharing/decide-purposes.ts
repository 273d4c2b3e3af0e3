import type { MessageInitShape } from "@bufbuild/protobuf";
import { recordDecision, standingOf } from "@troth/bridge";
import type { DecidePurposesRequest, DecidePurposesResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { speakerOf } from "../terms/own-statement.ts";
import { endIfObjected } from "../usage/usage-days.ts";

/** What a person decided. Refuses as `recordDecision` does. */
export async function decidePurposes(
	context: MessengerContext,
	request: DecidePurposesRequest,
	session: Session,
): Promise<MessageInitShape<typeof DecidePurposesResponseSchema>> {
	const { directory, events } = context;
	const { receipt, fresh, granted, refused } = await recordDecision(context, request, speakerOf(context, session));
	if (fresh) {
		events.purposesDecided(granted, refused);
		directory.standingChanged(session.account);
		await endIfObjected(context, session.account);
	}
	return { standing: await standingOf(context, session), receipt };
}
