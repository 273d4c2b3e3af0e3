/** What a reporter revealed, for the operator who said why. Nothing is read out before that is written. */
import { Refusal } from "@troth/protocol";
import type { OpenedMessage } from "../abuse/open-messages.ts";
import type { MessengerContext } from "../context.ts";
import { auditEntry } from "../operator/audit.ts";
import type { OpenedReport } from "./report-part.ts";

/** Refuses with MALFORMED (the reason), NOT_FOUND. */
export async function readReport(
	{ records, clock }: Pick<MessengerContext, "records" | "clock">,
	id: string,
	why: string,
): Promise<OpenedReport> {
	const found = await records
		.selectFrom("abuse_report")
		.selectAll()
		.where("report_id", "=", /^\d{1,15}$/.test(id) ? Number(id) : -1)
		.executeTakeFirst();
	await auditEntry(records, clock, { action: "report-viewed", account: found?.account_id, reason: why });
	if (found === undefined) throw new Refusal("NOT_FOUND", "there is no such report any more");
	const messages = JSON.parse(found.revealed ?? "[]") as readonly OpenedMessage[];
	return { account: found.account_id, reason: String(found.reason), atMs: found.reported_at_ms, messages };
}
