import {
	type ChangeNumberRequest,
	LABELS,
	type NumberChange,
	NumberChangeSchema,
	Refusal,
	type Signed,
} from "@troth/protocol";
import type { Transaction } from "kysely";
import { keepDecision, receiptOf } from "../consent/evidence.ts";
import { recordEvent } from "../consent/record.ts";
import { shareKeyOf } from "../consent/share-key.ts";
import type { ConsentTables } from "../consent/tables.ts";
import type { AskingContext } from "./context.ts";
import { readOwnStatement, type Speaker, sameBytes } from "./own-statement.ts";
import { readGrants } from "./read-grants.ts";
import { decidedIn, eventIdOf, type ReadDecision, readDecision, refusalFor, signReceipt } from "./record-decision.ts";
import { sha256 } from "./sha256.ts";

/** A person's wish to have another number, and which of their yeses go on under it. */
export interface AskedNumberChange {
	readonly change: Signed;
	readonly statement: NumberChange;
	readonly decision: ReadDecision | undefined;
	readonly grants: readonly Signed[];
}

/**
 * Reads what a device signed about a change of number, with the decision that goes with it. Refuses with MALFORMED,
 * UNAUTHENTICATED (a signature), TERMS_VERSION_UNKNOWN.
 */
export async function readNumberChange(
	context: Pick<AskingContext, "terms">,
	request: Pick<ChangeNumberRequest, "change" | "decision" | "grants">,
	speaker: Speaker,
): Promise<AskedNumberChange> {
	const { signed: change, statement } = await readOwnStatement(
		speaker,
		LABELS.numberChange,
		NumberChangeSchema,
		request.change,
	);
	const decision = request.decision && (await readDecision(context, speaker, request.decision));
	const hash = decision === undefined ? new Uint8Array() : sha256(decision.signed.statement);
	if (!sameBytes(statement.decisionHash, hash)) throw new Refusal("MALFORMED", "the decision is not the one named");
	if (decision?.statement.decisions.some(({ granted }) => !granted))
		throw new Refusal("MALFORMED", "with a change of number there is nothing but what goes on");
	return { change, statement, decision, grants: request.grants };
}

/**
 * Records it inside the transaction that changes the number: what carried the old one is recalled, and what goes on is
 * shared anew. The share key stays, because the person does. Gives the receipt for the decision. Refuses with
 * MALFORMED, UNAUTHENTICATED (a grant), PURPOSE_UNKNOWN, CONSENT_CONFLICT, TERMS_NOT_ACCEPTED, PURPOSE_NOT_ALLOWED.
 *
 * @param numberRegion ISO 3166-1 alpha-2, where the new number says one
 */
export async function recordNumberChange(
	transaction: Transaction<ConsentTables>,
	context: AskingContext,
	{ account }: Speaker,
	{ change, decision, grants }: AskedNumberChange,
	numberRegion: string | undefined,
): Promise<Signed | undefined> {
	const { terms, clock } = context;
	const nowMs = clock.now();
	const shareKey = await shareKeyOf(transaction, account, nowMs);
	const renewed = decision === undefined ? [] : decidedIn(decision.statement);
	const signed = decision === undefined ? [] : readGrants(decision.statement, grants, terms.current, shareKey);
	const eventId = eventIdOf(decision?.signed ?? change);
	const { refused, state } = await recordEvent(transaction, account, terms, {
		...{ type: "renumbered", eventId, renewed, numberRegion, atMs: nowMs },
	});
	if (refused !== undefined) throw refusalFor(refused);
	if (decision === undefined) return undefined;
	const receipt = signReceipt(context, decision.signed, state.timeMs);
	// A yes that the rules for the new number do not take has ended, and its next generation is still to be given.
	const kept = signed.filter(({ purpose, generation }) => {
		const choice = state.choices.get(purpose);
		return choice?.state === "granted" && choice.generation === generation;
	});
	const evidence = { eventId, decision: decision.signed, receipt, grants: kept, recordedAtMs: state.timeMs };
	await keepDecision(transaction, account, evidence);
	return receipt;
}

/** The receipt that a change was answered with; undefined where nothing went on. */
export function receiptOfNumberChange(
	{ records }: Pick<AskingContext, "records">,
	{ account }: Speaker,
	{ decision }: AskedNumberChange,
): Promise<Pick<Signed, "statement" | "signature"> | undefined> {
	return decision === undefined ? Promise.resolve(undefined) : receiptOf(records, account, eventIdOf(decision.signed));
}
