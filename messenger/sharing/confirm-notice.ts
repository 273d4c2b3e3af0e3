import type { MessageInitShape } from "@bufbuild/protobuf";
import { recordNotice, standingOf } from "@troth/bridge";
import type { ConfirmNoticeRequest, ConfirmNoticeResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { speakerOf } from "../terms/own-statement.ts";

/** A device has shown its person a version. Refuses as `recordNotice` does. */
export async function confirmNotice(
	context: MessengerContext,
	request: ConfirmNoticeRequest,
	session: Session,
): Promise<MessageInitShape<typeof ConfirmNoticeResponseSchema>> {
	const version = await recordNotice(context, request, speakerOf(context, session));
	context.directory.standingChanged(session.account);
	context.events.noticeDisplayed(session.account, version);
	return { standing: await standingOf(context, session) };
}
