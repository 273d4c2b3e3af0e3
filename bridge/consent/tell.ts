/** What asks nobody, in the outbox: told under a generation, and taken back from whoever was told. */
import type { AccountId, ResidualPurpose } from "@troth/protocol";
import type { Transaction } from "kysely";
import type { ConsentTables } from "./tables.ts";

type Records = Transaction<ConsentTables>;

export interface Word {
	readonly account: AccountId;
	readonly purpose: ResidualPurpose;
	/** Who is told: those that the policy names, and that this installation has. */
	readonly recipients: readonly string[];
	readonly generation: number;
	readonly nowMs: number;
}

/** A row for each recipient. */
export async function tell(records: Records, word: Word): Promise<void> {
	const { account, purpose, recipients, generation, nowMs } = word;
	const rows = recipients.map((recipient) => {
		const facts = { account_id: account, kind: "share", purpose, recipient } as const;
		return { ...facts, generation, created_at_ms: nowMs };
	});
	if (rows.length > 0) await records.insertInto("share_outbox").values(rows).execute();
}

/** From whoever was to be told of it. */
export async function takeBack(
	records: Records,
	{ account, purpose, nowMs }: Pick<Word, "account" | "purpose" | "nowMs">,
): Promise<void> {
	const told = await records
		.selectFrom("share_outbox")
		.select(({ fn }) => ["recipient", fn.max("generation").as("generation")])
		.where("account_id", "=", account)
		.where("purpose", "=", purpose)
		.where("kind", "=", "share")
		.groupBy("recipient")
		.orderBy("recipient")
		.execute();
	const rows = told.map(({ recipient, generation }) => {
		const facts = { account_id: account, kind: "recall", purpose, recipient } as const;
		return { ...facts, generation, created_at_ms: nowMs };
	});
	if (rows.length > 0) await records.insertInto("share_outbox").values(rows).execute();
}

/** Milliseconds since 1970, later than any before: a recipient drops what is not newer than what it gave back. */
export async function nextGeneration(
	records: Records,
	{ account, purpose, nowMs }: Pick<Word, "account" | "purpose" | "nowMs">,
): Promise<number> {
	const last = await records
		.selectFrom("share_outbox")
		.select(({ fn }) => fn.max("generation").as("generation"))
		.where("account_id", "=", account)
		.where("purpose", "=", purpose)
		.executeTakeFirst();
	return Math.max(nowMs, (last?.generation ?? 0) + 1);
}
