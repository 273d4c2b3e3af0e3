import type { MessageInitShape } from "@bufbuild/protobuf";
import { keepNotice, recordEvent } from "@troth/bridge";
import {
	type ConfirmNoticeRequest,
	type ConfirmNoticeResponseSchema,
	LABELS,
	NoticeDisplayedSchema,
	Refusal,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { checkPublishedText, readOwnStatement } from "../terms/own-statement.ts";
import { standingOf } from "./describe-standing.ts";

/**
 * A device has shown its person a version. The first such statement about the version in force starts the 30 days, by
 * the server's clock. Refuses with MALFORMED, UNAUTHENTICATED (the signature), TERMS_VERSION_UNKNOWN.
 */
export async function confirmNotice(
	context: MessengerContext,
	request: ConfirmNoticeRequest,
	session: Session,
): Promise<MessageInitShape<typeof ConfirmNoticeResponseSchema>> {
	const { records, terms, clock, directory, events } = context;
	const { account } = session;
	const label = LABELS.noticeDisplayed;
	const { signed, statement } = await readOwnStatement(context, session, label, NoticeDisplayedSchema, request.notice);
	checkPublishedText(terms, statement);
	const { version } = statement;
	await records.transaction().execute(async (transaction) => {
		const atMs = clock.now();
		const { refused } = await recordEvent(transaction, account, terms, { type: "displayed", version, atMs });
		if (refused !== undefined) throw new Refusal("NOT_FOUND", "the account has ended");
		await keepNotice(transaction, account, version, signed, atMs);
	});
	directory.standingChanged(account);
	events.noticeDisplayed(account, version);
	return { standing: await standingOf(context, session) };
}
