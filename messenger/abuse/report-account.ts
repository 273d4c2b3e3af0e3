import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	isReportReason,
	Refusal,
	type ReportAccountRequest,
	type ReportAccountResponseSchema,
	readId,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { openMessages } from "./open-messages.ts";

/**
 * One person tells the operator about another: why, and when, and of what was written only what they reveal. The same
 * again renews the time, and what is revealed. Refuses with MALFORMED, NOT_FOUND, RATE_LIMITED.
 */
export async function reportAccount(
	{ records, clock, rateLimits, events, secrets }: MessengerContext,
	request: ReportAccountRequest,
	session: Session,
): Promise<MessageInitShape<typeof ReportAccountResponseSchema>> {
	const account = readId<AccountId>(request.accountId);
	const { reason } = request;
	if (account === undefined || account === session.account)
		throw new Refusal("MALFORMED", "a report is about another account");
	if (!isReportReason(reason)) throw new Refusal("MALFORMED", "not a reason of the list");
	rateLimits.report(session.account);
	const opened = openMessages(secrets, account, request.messages);
	const known = await records
		.selectFrom("account")
		.select("account_id")
		.where("account_id", "=", account)
		.executeTakeFirst();
	if (known === undefined) throw new Refusal("NOT_FOUND", "no such account");
	const said = { reported_at_ms: clock.now(), revealed: opened.length === 0 ? null : JSON.stringify(opened) };
	await records
		.insertInto("abuse_report")
		.values({ reporter_account_id: session.account, account_id: account, reason, ...said })
		.onConflict((conflict) => conflict.columns(["reporter_account_id", "account_id", "reason"]).doUpdateSet(said))
		.execute();
	events.reported(reason);
	return {};
}
