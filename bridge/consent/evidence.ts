/** What devices signed and the server answered, kept as it was signed: who doubts a choice can verify it. */
import { type AccountId, type LinkAssertion, type Signed, toHex } from "@troth/protocol";
import type { Transaction } from "kysely";
import type { ConsentRecords, ConsentTables } from "./tables.ts";

/** The first device that displayed a version counts; those after it are not kept. */
export async function keepNotice(
	records: Transaction<ConsentTables>,
	account: AccountId,
	version: number,
	{ statement, signature }: Signed,
	nowMs: number,
): Promise<void> {
	await records
		.insertInto("notice_displayed")
		.values({ account_id: account, version, statement, signature, displayed_at_ms: nowMs })
		.onConflict((conflict) => conflict.columns(["account_id", "version"]).doNothing())
		.execute();
}

/** One ConsentGrant, as the device signed it. */
export interface KeptGrant {
	readonly purpose: string;
	readonly recipient: string;
	readonly generation: number;
	readonly signed: Signed;
	readonly link: LinkAssertion | undefined;
}

export interface DecisionEvidence {
	readonly eventId: string;
	readonly decision: Signed;
	readonly receipt: Signed;
	readonly grants: readonly KeptGrant[];
	readonly recordedAtMs: number;
}

/** Keeps a decision, the receipt that was given for it, its grants and the facts of a link. */
export async function keepDecision(
	records: Transaction<ConsentTables>,
	account: AccountId,
	{ eventId, decision, receipt, grants, recordedAtMs }: DecisionEvidence,
): Promise<void> {
	await records
		.insertInto("consent_event")
		.values({
			event_id: eventId,
			account_id: account,
			statement: decision.statement,
			signature: decision.signature,
			receipt_statement: receipt.statement,
			receipt_signature: receipt.signature,
			recorded_at_ms: recordedAtMs,
		})
		.execute();
	for (const { purpose, recipient, generation, signed, link } of grants) {
		await records
			.insertInto("consent_grant")
			.values({ account_id: account, purpose, recipient, generation, ...statementOf(signed) })
			.execute();
		if (link !== undefined) await keepLink(records, account, link, recordedAtMs);
	}
}

/** The receipt that a recorded decision was answered with; undefined where it is not recorded. */
export async function receiptOf(
	records: ConsentRecords,
	account: AccountId,
	eventId: string,
): Promise<{ readonly statement: Uint8Array; readonly signature: Uint8Array } | undefined> {
	const row = await records
		.selectFrom("consent_event")
		.select(["receipt_statement", "receipt_signature"])
		.where("event_id", "=", eventId)
		.where("account_id", "=", account)
		.executeTakeFirst();
	return row && { statement: row.receipt_statement, signature: row.receipt_signature };
}

async function keepLink(
	records: Transaction<ConsentTables>,
	account: AccountId,
	{ nonce, deviceType, os, appVersion }: LinkAssertion,
	nowMs: number,
): Promise<void> {
	const facts = {
		link_assertion: toHex(nonce),
		device_type: deviceType,
		os,
		app_version: appVersion,
		at_ms: nowMs,
	};
	await records
		.insertInto("device_facts")
		.values({ account_id: account, ...facts })
		.onConflict((conflict) => conflict.column("account_id").doUpdateSet(facts))
		.execute();
}

function statementOf({ statement, signature }: Signed): Pick<Signed, "statement" | "signature"> {
	return { statement, signature };
}
