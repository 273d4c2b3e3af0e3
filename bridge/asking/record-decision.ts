import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ConsentDecision,
	ConsentDecisionSchema,
	ConsentReceiptSchema,
	type DecidePurposesRequest,
	fromHex,
	LABELS,
	Refusal,
	type RefusalCode,
	type Signed,
	SignedSchema,
	toHex,
} from "@troth/protocol";
import { keepDecision, receiptOf } from "../consent/evidence.ts";
import { recordEvent } from "../consent/record.ts";
import { shareKeyOf } from "../consent/share-key.ts";
import type { LifecycleRefusal } from "../lifecycle/lifecycle.ts";
import type { Policy } from "../policy/policy.ts";
import type { AskingContext } from "./context.ts";
import { checkPublishedText, readOwnStatement, type Speaker } from "./own-statement.ts";
import { readGrants } from "./read-grants.ts";
import { sha256 } from "./sha256.ts";

const EVENT_ID_BYTES = 16;

const REFUSALS: Record<LifecycleRefusal, { readonly code: RefusalCode; readonly message: string }> = {
	CLOSED: { code: "NOT_FOUND", message: "the account has ended" },
	VERSION_NOT_IN_FORCE: { code: "TERMS_VERSION_UNKNOWN", message: "another version is in force" },
	PURPOSE_UNKNOWN: { code: "PURPOSE_UNKNOWN", message: "no such purpose in the policy in force, or in other words" },
	NOT_ACCEPTED: { code: "TERMS_NOT_ACCEPTED", message: "the version with this purpose is not accepted yet" },
	CONFLICT: { code: "CONSENT_CONFLICT", message: "the choice was changed elsewhere: read the standing" },
};

/**
 * Records what a person decided, with the evidence, and what the door has to do about it: all of it or nothing. A
 * withdrawal alone is refused for no reason but a wrong signature; a repeat is answered with the first receipt.
 * Refuses with MALFORMED, UNAUTHENTICATED (a signature), TERMS_VERSION_UNKNOWN (the text that was shown was never
 * published), PURPOSE_UNKNOWN, CONSENT_CONFLICT, TERMS_NOT_ACCEPTED.
 */
export async function recordDecision(
	context: AskingContext,
	request: DecidePurposesRequest,
	speaker: Speaker,
): Promise<DecidedPurposes> {
	const { terms } = context;
	const label = LABELS.consentDecision;
	const { signed, statement } = await readOwnStatement(speaker, label, ConsentDecisionSchema, request.decision);
	checkShape(statement);
	checkPublishedText(terms, statement);
	checkPresentation(statement, terms.current);
	const recorded = await record(context, speaker.account, signed, statement, request.grants);
	const granted = statement.decisions.filter((decision) => decision.granted).length;
	return { ...recorded, granted, refused: statement.decisions.length - granted };
}

function checkShape({ decisions, presentation }: ConsentDecision): void {
	const purposes = new Set(decisions.map(({ purpose }) => purpose));
	if (decisions.length === 0 || purposes.size < decisions.length)
		throw new Refusal("MALFORMED", "a decision is about one or more purposes, each once");
	if (presentation === undefined) throw new Refusal("MALFORMED", "a decision says how the choice was shown");
}

/** A yes that somebody else had ticked is no consent (GDPR recital 32). */
function checkPresentation({ decisions, presentation }: ConsentDecision, policy: Policy): void {
	const basisOf = (purpose: string) => policy.purposes.get(purpose)?.basis;
	if (presentation?.initiallyOn && decisions.some(({ granted, purpose }) => granted && basisOf(purpose) === "consent"))
		throw new Refusal("MALFORMED", "a yes to a control that was shown as on is no consent");
}

interface Recorded {
	readonly receipt: Pick<Signed, "statement" | "signature">;
	/** False for a repeat. */
	readonly fresh: boolean;
}

export interface DecidedPurposes extends Recorded {
	readonly granted: number;
	readonly refused: number;
}

async function record(
	{ records, terms, clock, policyKey }: AskingContext,
	account: AccountId,
	decision: Signed,
	statement: ConsentDecision,
	grants: readonly Signed[],
): Promise<Recorded> {
	const decisionHash = sha256(decision.statement);
	const eventId = toHex(decisionHash.subarray(0, EVENT_ID_BYTES));
	return records.transaction().execute(async (transaction) => {
		const first = await receiptOf(transaction, account, eventId);
		if (first !== undefined) return { receipt: first, fresh: false };
		const nowMs = clock.now();
		const shareKey = await shareKeyOf(transaction, account, nowMs);
		const kept = readGrants(statement, grants, terms.current, shareKey);
		const decisions = statement.decisions.map(({ purpose, granted, purposeHash, generation }) => ({
			purpose,
			granted,
			purposeHash: toHex(purposeHash),
			generation,
		}));
		const event = { type: "decided", eventId, decisions, atMs: nowMs } as const;
		const { refused, state } = await recordEvent(transaction, account, terms, event);
		if (refused !== undefined) throw new Refusal(REFUSALS[refused].code, REFUSALS[refused].message);
		const recordedAtMs = state.timeMs;
		const receiptStatement = toBinary(
			ConsentReceiptSchema,
			create(ConsentReceiptSchema, {
				eventId: fromHex(eventId) ?? new Uint8Array(),
				decisionHash,
				recordedAtMs: BigInt(recordedAtMs),
			}),
		);
		const receipt = create(SignedSchema, {
			statement: receiptStatement,
			signature: policyKey.sign(LABELS.consentReceipt, receiptStatement),
		});
		await keepDecision(transaction, account, { eventId, decision, receipt, grants: kept, recordedAtMs });
		return { receipt, fresh: true };
	});
}
