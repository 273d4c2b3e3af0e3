import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
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
	type StandingSchema,
	toHex,
} from "@troth/protocol";
import type { Transaction } from "kysely";
import { keepDecision, receiptOf } from "../consent/evidence.ts";
import { recordEvent } from "../consent/record.ts";
import { shareKeyOf } from "../consent/share-key.ts";
import type { ConsentTables } from "../consent/tables.ts";
import type { DecidedPurpose, Lifecycle, LifecycleRefusal } from "../lifecycle/lifecycle.ts";
import type { Policy } from "../policy/policy.ts";
import type { AskingContext } from "./context.ts";
import { describeStanding, standingOf } from "./describe-standing.ts";
import { checkPublishedText, readOwnStatement, type Speaker } from "./own-statement.ts";
import { readGrants } from "./read-grants.ts";
import { sha256 } from "./sha256.ts";

const EVENT_ID_BYTES = 16;

const REFUSALS: Record<LifecycleRefusal, { readonly code: RefusalCode; readonly message: string }> = {
	CLOSED: { code: "NOT_FOUND", message: "the account has ended" },
	VERSION_NOT_IN_FORCE: { code: "TERMS_VERSION_UNKNOWN", message: "another version is in force" },
	PURPOSE_UNKNOWN: { code: "PURPOSE_UNKNOWN", message: "no such purpose in the policy in force, or in other words" },
	NOT_ACCEPTED: { code: "TERMS_NOT_ACCEPTED", message: "the version with this purpose is not accepted yet" },
	NOT_ALLOWED: { code: "PURPOSE_NOT_ALLOWED", message: "the rules for this region or age do not take this yes" },
	CONFLICT: { code: "CONSENT_CONFLICT", message: "the choice was changed elsewhere: read the standing" },
};

/**
 * Records what a person decided, with the evidence, and what the door has to do about it: all of it or nothing. A
 * withdrawal alone is refused for no reason but a wrong signature; a repeat is answered with the first receipt.
 * Refuses with MALFORMED, UNAUTHENTICATED (a signature), TERMS_VERSION_UNKNOWN (the text that was shown was never
 * published), PURPOSE_UNKNOWN, CONSENT_CONFLICT, TERMS_NOT_ACCEPTED, PURPOSE_NOT_ALLOWED.
 */
export async function recordDecision(
	context: AskingContext,
	request: DecidePurposesRequest,
	speaker: Speaker,
): Promise<DecidedPurposes> {
	const { terms } = context;
	const decision = await readDecision(context, speaker, request.decision);
	const { statement } = decision;
	checkPresentation(statement, terms.current);
	const { receipt, after } = await context.records
		.transaction()
		.execute((transaction) => record(transaction, context, speaker.account, decision, request.grants));
	const refused = statement.decisions.filter(({ granted }) => !granted).map(({ purpose }) => purpose);
	return {
		receipt,
		fresh: after !== undefined,
		granted: statement.decisions.length - refused.length,
		refused,
		standing: after === undefined ? await standingOf(context, speaker) : describeStanding(after, context.clock.now()),
	};
}

/** A decision as its device signed it. */
export interface ReadDecision {
	readonly signed: Signed;
	readonly statement: ConsentDecision;
}

/** Reads a decision about terms that were published. Refuses with MALFORMED, UNAUTHENTICATED, TERMS_VERSION_UNKNOWN. */
export async function readDecision(
	{ terms }: Pick<AskingContext, "terms">,
	speaker: Speaker,
	decision: Signed | undefined,
): Promise<ReadDecision> {
	const read = await readOwnStatement(speaker, LABELS.consentDecision, ConsentDecisionSchema, decision);
	checkShape(read.statement);
	checkPublishedText(terms, read.statement);
	return read;
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
	/** Where the person stands after it; undefined for a repeat. */
	readonly after: Lifecycle | undefined;
}

export interface DecidedPurposes extends Pick<Recorded, "receipt"> {
	/** False for a repeat. */
	readonly fresh: boolean;
	/** How many purposes got a yes. */
	readonly granted: number;
	/** Those that got a no. */
	readonly refused: readonly string[];
	/** Where the person stands now. */
	readonly standing: MessageInitShape<typeof StandingSchema>;
}

async function record(
	transaction: Transaction<ConsentTables>,
	context: AskingContext,
	account: AccountId,
	{ signed: decision, statement }: ReadDecision,
	grants: readonly Signed[],
): Promise<Recorded> {
	const eventId = eventIdOf(decision);
	const first = await receiptOf(transaction, account, eventId);
	if (first !== undefined) return { receipt: first, after: undefined };
	const { terms, clock } = context;
	const nowMs = clock.now();
	const shareKey = await shareKeyOf(transaction, account, nowMs);
	const kept = readGrants(statement, grants, terms.current, shareKey);
	const shownOn = statement.presentation?.initiallyOn ?? false;
	const event = { type: "decided", eventId, decisions: decidedIn(statement), shownOn, atMs: nowMs } as const;
	const { refused, state } = await recordEvent(transaction, account, terms, event);
	if (refused !== undefined) throw refusalFor(refused);
	const recordedAtMs = state.timeMs;
	const receipt = signReceipt(context, decision, recordedAtMs);
	await keepDecision(transaction, account, { eventId, decision, receipt, grants: kept, recordedAtMs });
	return { receipt, after: state };
}

/** A decision's id: the first 16 bytes of its SHA-256, in hex. */
export function eventIdOf({ statement }: Pick<Signed, "statement">): string {
	return toHex(sha256(statement).subarray(0, EVENT_ID_BYTES));
}

/** What it decides, as the reducer takes it. */
export function decidedIn({ decisions }: ConsentDecision): readonly DecidedPurpose[] {
	return decisions.map(({ purpose, granted, purposeHash, generation }) => {
		return { purpose, granted, purposeHash: toHex(purposeHash), generation };
	});
}

/** The server's word that it recorded this decision then. */
export function signReceipt({ policyKey }: Pick<AskingContext, "policyKey">, decision: Signed, atMs: number): Signed {
	const statement = toBinary(
		ConsentReceiptSchema,
		create(ConsentReceiptSchema, {
			eventId: fromHex(eventIdOf(decision)) ?? new Uint8Array(),
			decisionHash: sha256(decision.statement),
			recordedAtMs: BigInt(atMs),
		}),
	);
	return create(SignedSchema, { statement, signature: policyKey.sign(LABELS.consentReceipt, statement) });
}

export function refusalFor(refused: LifecycleRefusal): Refusal {
	return new Refusal(REFUSALS[refused].code, REFUSALS[refused].message);
}
