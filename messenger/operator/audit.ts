/** The operator's audit: who looks at one person's data, or acts upon one person, says why and is written down. */
import { type AccountId, type Clock, Refusal } from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import type { Records } from "../records/schema.ts";
import type { AuditedAction } from "./tables.ts";

const REASON = { least: 8, most: 500 };

export interface Audited {
	readonly action: AuditedAction;
	/** Undefined where there is no such account. */
	readonly account: AccountId | undefined;
	/** In the operator's own words: 8 to 500 characters, without phone numbers. */
	readonly reason: string;
}

/**
 * Writes down that the operator looks or acts. Call it in the transaction of the act, or before anything is shown.
 * Refuses with MALFORMED where the reason says nothing, or holds what may be a phone number: the audit outlives accounts.
 */
export async function auditEntry(
	records: Kysely<Records> | Transaction<Records>,
	clock: Clock,
	{ action, account, reason }: Audited,
): Promise<void> {
	const words = reason.trim().replaceAll(/\s+/g, " ");
	if (words.length < REASON.least || words.length > REASON.most)
		throw new Refusal("MALFORMED", `a reason of ${REASON.least} to ${REASON.most} characters is needed`);
	if (/\+?\d(?:[\s()./-]*\d){6,}/.test(words))
		throw new Refusal("MALFORMED", "the reason must not hold a phone number: it is kept longer than accounts are");
	await records
		.insertInto("operator_audit")
		.values({ at_ms: clock.now(), action, account_id: account ?? "", reason: words })
		.execute();
}

export interface AuditLine {
	readonly id: number;
	readonly atMs: number;
	readonly action: AuditedAction;
	readonly account: AccountId | "";
	readonly reason: string;
}

/** The newest first; `before` is the id of the last line of the page before. */
export async function readAudit(
	records: Kysely<Records>,
	{ before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<readonly AuditLine[]> {
	const rows = await records
		.selectFrom("operator_audit")
		.selectAll()
		.where("id", "<", before ?? Number.MAX_SAFE_INTEGER)
		.orderBy("id", "desc")
		.limit(limit)
		.execute();
	return rows.map(({ id, at_ms, action, account_id, reason }) => {
		return { id, atMs: at_ms, action, account: account_id, reason };
	});
}
