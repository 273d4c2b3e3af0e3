import type { MessageInitShape } from "@bufbuild/protobuf";
import { recordDescription, standingOf } from "@troth/bridge";
import type { DescribePersonRequest, DescribePersonResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** Where a person says they live, and their age. Refuses as `recordDescription` does. */
export async function describePerson(
	context: MessengerContext,
	request: DescribePersonRequest,
	session: Session,
): Promise<MessageInitShape<typeof DescribePersonResponseSchema>> {
	await recordDescription(context, request, session.account);
	context.directory.standingChanged(session.account);
	return { standing: await standingOf(context, session) };
}
