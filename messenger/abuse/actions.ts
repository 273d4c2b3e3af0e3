/**
 * What the operator does about an account, inside the caller's transaction: the action, and what the door has to tell or
 * to take back, are stored together.
 */
import { nextGeneration, takeBack, tell } from "@troth/bridge";
import type { AbuseLabel, AbusePurpose, AccountId, ScoreClass } from "@troth/protocol";
import type { Transaction } from "kysely";
import type { MessengerContext } from "../context.ts";
import type { Records } from "../records/schema.ts";
import { numberMac } from "./number-mac.ts";
import type { AbuseActionRow } from "./tables.ts";

type Needs = Pick<MessengerContext, "terms" | "sharing" | "clock" | "secrets">;

export interface NewAction {
	readonly account: AccountId;
	readonly purpose: AbusePurpose;
	readonly label: AbuseLabel;
	/** `spam_and_abuse` only. */
	readonly scoreClass: ScoreClass | undefined;
	/** `security` and `infringement` only. */
	readonly caseId: string | undefined;
	readonly sinceMs: number;
	readonly untilMs: number;
}

/** Acts; an action of the same purpose is replaced by this one. */
export async function act(context: Needs, transaction: Transaction<Records>, action: NewAction): Promise<void> {
	const { account, purpose } = action;
	await lift(transaction, account, purpose, context.clock.now());
	const generation = await nextGeneration(transaction, { account, purpose, nowMs: context.clock.now() });
	await transaction
		.insertInto("abuse_action")
		.values({
			account_id: account,
			number_mac: await macOf(context, transaction, account),
			purpose,
			label: action.label,
			score_class: action.scoreClass ?? null,
			case_id: action.caseId ?? null,
			generation,
			since_ms: action.sinceMs,
			until_ms: action.untilMs,
			objected_at_ms: null,
			kept_at_ms: null,
		})
		.execute();
	await share(context, transaction, { account_id: account, purpose, generation });
}

/** Ends an action and takes back what was told of it. False where there is none. */
export async function lift(
	transaction: Transaction<Records>,
	account: AccountId,
	purpose: AbusePurpose,
	nowMs: number,
): Promise<boolean> {
	const removed = await removeAction(transaction, account, purpose);
	if (removed) await takeBack(transaction, { account, purpose, nowMs });
	return removed;
}

/** The action of this purpose that holds now. */
export function actionOf(
	transaction: Transaction<Records>,
	account: AccountId,
	purpose: AbusePurpose,
	nowMs: number,
): Promise<AbuseActionRow | undefined> {
	return transaction
		.selectFrom("abuse_action")
		.selectAll()
		.where("account_id", "=", account)
		.where("purpose", "=", purpose)
		.where("until_ms", ">", nowMs)
		.executeTakeFirst();
}

/** Its person objects: nobody is told of it any more until the operator has decided. */
export async function objectTo(
	transaction: Transaction<Records>,
	{ account_id: account, purpose }: AbuseActionRow,
	nowMs: number,
): Promise<void> {
	await transaction
		.updateTable("abuse_action")
		.set({ objected_at_ms: nowMs })
		.where("account_id", "=", account)
		.where("purpose", "=", purpose)
		.execute();
	await takeBack(transaction, { account, purpose, nowMs });
}

/** The operator has looked at the objection, and the action stands: it is told again. */
export async function keep(
	context: Needs,
	transaction: Transaction<Records>,
	{ account_id: account, purpose }: AbuseActionRow,
): Promise<void> {
	const generation = await nextGeneration(transaction, { account, purpose, nowMs: context.clock.now() });
	await transaction
		.updateTable("abuse_action")
		.set({ objected_at_ms: null, kept_at_ms: context.clock.now(), generation })
		.where("account_id", "=", account)
		.where("purpose", "=", purpose)
		.execute();
	await share(context, transaction, { account_id: account, purpose, generation });
}

/**
 * Tells of everything that holds about this account once more: what was acted upon before its person accepted terms that
 * have the purpose was told to nobody.
 */
export async function shareAgain(context: Needs, transaction: Transaction<Records>, account: AccountId): Promise<void> {
	const rows = await transaction
		.selectFrom("abuse_action")
		.select(["account_id", "purpose", "generation"])
		.where("account_id", "=", account)
		.where("until_ms", ">", context.clock.now())
		.where("objected_at_ms", "is", null)
		.execute();
	for (const row of rows) await share(context, transaction, row);
}

/** The account has another number: its old name at each recipient is freed of the label, its new one gets it. */
export async function actionsRenumbered(
	context: Needs,
	transaction: Transaction<Records>,
	account: AccountId,
): Promise<void> {
	const rows = await transaction.selectFrom("abuse_action").selectAll().where("account_id", "=", account).execute();
	const number_mac = await macOf(context, transaction, account);
	const nowMs = context.clock.now();
	for (const { purpose, objected_at_ms: objected } of rows) {
		await takeBack(transaction, { account, purpose, nowMs });
		const generation = await nextGeneration(transaction, { account, purpose, nowMs: context.clock.now() });
		await transaction
			.updateTable("abuse_action")
			.set({ generation, number_mac })
			.where("account_id", "=", account)
			.where("purpose", "=", purpose)
			.execute();
		if (objected === null) await share(context, transaction, { account_id: account, purpose, generation });
	}
}

async function macOf({ secrets }: Needs, transaction: Transaction<Records>, account: AccountId): Promise<string> {
	const { phone } = await transaction
		.selectFrom("account")
		.select("phone")
		.where("account_id", "=", account)
		.executeTakeFirstOrThrow();
	return numberMac(secrets, phone);
}

async function removeAction(
	transaction: Transaction<Records>,
	account: AccountId,
	purpose: AbusePurpose,
): Promise<boolean> {
	const { numDeletedRows } = await transaction
		.deleteFrom("abuse_action")
		.where("account_id", "=", account)
		.where("purpose", "=", purpose)
		.executeTakeFirstOrThrow();
	return numDeletedRows > 0n;
}

async function share(
	{ terms, sharing, clock }: Needs,
	transaction: Transaction<Records>,
	{ account_id: account, purpose, generation }: Pick<AbuseActionRow, "account_id" | "purpose" | "generation">,
): Promise<void> {
	const named = terms.current.purposes.get(purpose)?.recipients ?? [];
	const recipients = named.filter((id) => sharing?.recipients.some((there) => there.id === id));
	await tell(transaction, { account, purpose, recipients, generation, nowMs: clock.now() });
}
