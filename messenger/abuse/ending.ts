/** What of the operator's actions ends with an account, what outlives it for a while, and what time ends. */
import type { AccountId, PhoneNumber } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { Transaction } from "kysely";
import type { MessengerContext } from "../context.ts";
import type { Records } from "../records/schema.ts";
import { act, actionOf, lift } from "./actions.ts";
import { numberMac } from "./number-mac.ts";

type Needs = Pick<MessengerContext, "terms" | "sharing" | "clock" | "secrets">;

const DAY_MS = 24 * 3600 * 1000;
/** A limit for spam is remembered this long after its account ended, and not longer than it lasts. */
const BLOCKS_KEPT_MS = 365 * DAY_MS;
const REPORTS_KEPT_MS = 180 * DAY_MS;

/**
 * The account ends, and what was told of it is recalled with everything else. A limit for spam leaves a keyed hash of the
 * number, so that registering it again does not shed the limit.
 */
export async function endAbuse(transaction: Transaction<Records>, account: AccountId, nowMs: number): Promise<void> {
	const rows = await transaction.deleteFrom("abuse_action").where("account_id", "=", account).returningAll().execute();
	for (const row of rows) {
		if (row.purpose !== "spam_and_abuse" || row.until_ms <= nowMs) continue;
		const block = {
			label: row.label,
			score_class: row.score_class,
			since_ms: row.since_ms,
			until_ms: row.until_ms,
			kept_until_ms: Math.min(row.until_ms, nowMs + BLOCKS_KEPT_MS),
		};
		await transaction
			.insertInto("abuse_block")
			.values({ number_mac: row.number_mac, ...block })
			.onConflict((conflict) => conflict.column("number_mac").doUpdateSet(block))
			.execute();
	}
	await transaction
		.deleteFrom("abuse_report")
		.where(({ or, eb }) => or([eb("reporter_account_id", "=", account), eb("account_id", "=", account)]))
		.execute();
}

/** A number was registered: the limit that an earlier account left on it goes on, and its person sees it and may object. */
export async function takeUpBlock(
	context: Needs,
	transaction: Transaction<Records>,
	{ account, phone }: { readonly account: AccountId; readonly phone: PhoneNumber },
): Promise<void> {
	const block = await transaction
		.deleteFrom("abuse_block")
		.where("number_mac", "=", numberMac(context.secrets, phone))
		.returningAll()
		.executeTakeFirst();
	if (block === undefined || block.kept_until_ms <= context.clock.now()) return;
	const own = await actionOf(transaction, account, "spam_and_abuse", context.clock.now());
	if (own !== undefined && own.until_ms >= block.until_ms) return;
	await act(context, transaction, {
		account,
		purpose: "spam_and_abuse",
		label: block.label,
		scoreClass: block.score_class ?? undefined,
		caseId: undefined,
		sinceMs: block.since_ms,
		untilMs: block.until_ms,
	});
}

/** Ends what is over, takes back what was told of it, and forgets it. */
export async function sweepAbuse({
	records,
	clock,
	limits,
}: Pick<MessengerContext, "records" | "clock" | "limits">): Promise<void> {
	const now = clock.now();
	const ended = await records.transaction().execute(async (transaction) => {
		const rows = await transaction
			.selectFrom("abuse_action")
			.select(["account_id", "purpose"])
			.where("until_ms", "<=", now)
			.execute();
		for (const { account_id, purpose } of rows) await lift(transaction, account_id, purpose, now);
		await transaction.deleteFrom("abuse_block").where("kept_until_ms", "<=", now).execute();
		await transaction
			.deleteFrom("abuse_report")
			.where("reported_at_ms", "<=", now - REPORTS_KEPT_MS)
			.execute();
		return rows;
	});
	for (const { account_id } of ended) limits.changed(account_id);
	if (ended.length > 0) await eraseDeleted(records);
}
