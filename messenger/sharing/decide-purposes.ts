import type { MessageInitShape } from "@bufbuild/protobuf";
import { recordDecision } from "@troth/bridge";
import { type DecidePurposesRequest, type DecidePurposesResponseSchema, USAGE } from "@troth/protocol";
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
	const decided = await recordDecision(context, request, speakerOf(context, session));
	const { receipt, standing, fresh, granted, refused } = decided;
	if (fresh) {
		events.purposesDecided(granted, refused.length);
		directory.standingChanged(session.account);
	}
	// A repeat, too: the first may have been cut off before this.
	if (refused.includes(USAGE)) await endIfObjected(context, session.account);
	return { standing, receipt };
}
