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

/**
 * One person tells the operator about another: why, and when. Nothing that was written goes along. The same again renews
 * the time. Refuses with MALFORMED, NOT_FOUND, RATE_LIMITED.
 */
export async function reportAccount(
	{ records, clock, rateLimits, events }: MessengerContext,
	request: ReportAccountRequest,
	session: Session,
): Promise<MessageInitShape<typeof ReportAccountResponseSchema>> {
	const account = readId<AccountId>(request.accountId);
	const { reason } = request;
	if (account === undefined || account === session.account)
		throw new Refusal("MALFORMED", "a report is about another account");
	if (!isReportReason(reason)) throw new Refusal("MALFORMED", "not a reason of the list");
	rateLimits.report(session.account);
	const known = await records
		.selectFrom("account")
		.select("account_id")
		.where("account_id", "=", account)
		.executeTakeFirst();
	if (known === undefined) throw new Refusal("NOT_FOUND", "no such account");
	const reported_at_ms = clock.now();
	await records
		.insertInto("abuse_report")
		.values({ reporter_account_id: session.account, account_id: account, reason, reported_at_ms })
		.onConflict((conflict) =>
			conflict.columns(["reporter_account_id", "account_id", "reason"]).doUpdateSet({ reported_at_ms }),
		)
		.execute();
	events.reported(reason);
	return {};
}
