import { type ConfirmNoticeRequest, LABELS, NoticeDisplayedSchema, Refusal } from "@troth/protocol";
import { keepNotice } from "../consent/evidence.ts";
import { recordEvent } from "../consent/record.ts";
import type { AskingContext } from "./context.ts";
import { checkPublishedText, readOwnStatement, type Speaker } from "./own-statement.ts";

/**
 * A device has shown its person a version, which this gives. The first such statement about the version in force starts
 * the 30 days, by the server's clock. Refuses with MALFORMED, UNAUTHENTICATED (the signature), TERMS_VERSION_UNKNOWN.
 */
export async function recordNotice(
	{ records, terms, clock }: AskingContext,
	request: ConfirmNoticeRequest,
	speaker: Speaker,
): Promise<number> {
	const { account } = speaker;
	const { signed, statement } = await readOwnStatement(
		speaker,
		LABELS.noticeDisplayed,
		NoticeDisplayedSchema,
		request.notice,
	);
	checkPublishedText(terms, statement);
	const { version } = statement;
	await records.transaction().execute(async (transaction) => {
		const atMs = clock.now();
		const { refused } = await recordEvent(transaction, account, terms, { type: "displayed", version, atMs });
		if (refused !== undefined) throw new Refusal("NOT_FOUND", "the account has ended");
		await keepNotice(transaction, account, version, signed, atMs);
	});
	return version;
}
