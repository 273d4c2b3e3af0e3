/** A decision of this device between being signed and being answered: stored before it leaves, kept with its receipt. */
import { fromBinary } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import { ConsentReceiptSchema, fromHex, LABELS, Refusal, type Signed, toHex } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { Choice, PresentationView } from "../device/sharing-api.ts";
import { readPins } from "../identity/server-trust.ts";
import { signStatement, verifyStatement } from "../identity/signed.ts";
import { Untrusted } from "../identity/untrusted.ts";
import { KEYS, orderKey } from "../state/keys.ts";
import type { DecisionRecord } from "../state/sharing-records.ts";
import type { VerifiedTerms } from "../terms/read-terms.ts";
import { type ComposedDecision, composeDecision, type DecisionInput } from "./compose-decision.ts";
import { consentKeyFor } from "./consent-key.ts";
import type { KnownStanding } from "./standing.ts";

const EVENT_BYTES = 16;

/** After these nobody knows whether it happened. */
export const MAY_HAVE_HAPPENED: ReadonlySet<string> = new Set(["INTERNAL", "UNAVAILABLE"]);

export interface SignedDecision {
	/** `Signed` ConsentDecision. */
	readonly decision: Signed;
	/** `Signed` ConsentGrant each. */
	readonly grants: readonly Signed[];
	readonly record: DecisionRecord;
}

/** Signs these answers, given to these terms, from this standing. Nothing is stored. Rejects with PURPOSE_UNKNOWN. */
export async function signDecision(
	context: DeviceContext,
	{ view, shareKey }: KnownStanding,
	terms: VerifiedTerms,
	decisions: readonly Choice[],
	presentation: PresentationView,
	link?: DecisionInput["link"],
): Promise<SignedDecision> {
	const identitySeed = await readIdentitySeed(context);
	const composed = composeDecision({
		...context.self,
		terms,
		decisions,
		presentation,
		decidedAtMs: context.serverNow(),
		generationOf: (purpose) => view.choices.find((choice) => choice.purpose === purpose)?.generation ?? 0,
		shareKey,
		keyFor: (recipient) => consentKeyFor(identitySeed, recipient),
		...(link !== undefined && { link }),
	});
	const decision = await signStatement(context.engine, context.keys, LABELS.consentDecision, composed.statement);
	const grants = composed.grants.map(({ signed }) => signed);
	return { decision, grants, record: recordOf(decision, composed, terms.version, context.serverNow()) };
}

/** Before it leaves: a share under it can never look like one that nobody allowed. */
export async function storeDecision({ state, ownNotes }: DeviceContext, { record }: SignedDecision): Promise<void> {
	await state.transact(async (draft) => {
		draft.write(KEYS.decision(record.key), record);
		// To the account's other devices, too, a share under it must not look like one that nobody allowed.
		ownNotes.note(draft, `decision/${record.key}`);
	});
}

/** It was refused for good: no share may ever stand on it. */
export async function dropDecision(
	{ state, ownNotes }: DeviceContext,
	{ record }: Pick<SignedDecision, "record">,
): Promise<void> {
	await state.transact(async (draft) => {
		draft.write(KEYS.decision(record.key), undefined);
		ownNotes.note(draft, `decision/${record.key}`);
	});
}

/** Keeps the server's answer with it. Throws Untrusted where that is not the server's, or for something else. */
export async function keepReceipt(
	context: DeviceContext,
	{ decision, record }: Omit<SignedDecision, "grants">,
	receipt: Signed | undefined,
): Promise<void> {
	const recordedAtMs = await checkReceipt(context, decision, receipt);
	if (receipt === undefined || recordedAtMs === undefined)
		throw new Untrusted("RECEIPT_WRONG", "the server's receipt does not belong to this decision");
	const kept = { statement: toHex(receipt.statement), signature: toHex(receipt.signature), recordedAtMs };
	await context.state.transact(async (draft) => {
		draft.write(KEYS.decision(record.key), { ...record, receipt: kept });
		context.ownNotes.note(draft, `decision/${record.key}`);
	});
}

async function readIdentitySeed({ state }: DeviceContext): Promise<Uint8Array> {
	const secrets = await state.read(KEYS.secrets);
	const seed = fromHex(secrets?.identity.privateKey ?? "");
	if (seed === undefined || seed.length === 0) throw new Refusal("NOT_FOUND", "the profile is not complete");
	return seed;
}

function recordOf(signed: Signed, { grants }: ComposedDecision, version: number, decidedAtMs: number): DecisionRecord {
	const event = toHex(sha256(signed.statement).subarray(0, EVENT_BYTES));
	return {
		key: `${orderKey(decidedAtMs)}-${event}`,
		event,
		version,
		decidedAtMs,
		statement: toHex(signed.statement),
		signature: toHex(signed.signature),
		grants: grants.map(({ record }) => record),
		receipt: undefined,
	};
}

/** When the server recorded it; undefined where the receipt is not the server's, or for something else. */
async function checkReceipt(
	context: DeviceContext,
	decision: Signed,
	receipt: Signed | undefined,
): Promise<number | undefined> {
	// Whoever signed a decision has asked the server for its keys before it.
	const pins = await readPins(context);
	const key = fromHex(pins.policyKey ?? "") ?? new Uint8Array();
	if (receipt === undefined || !(await verifyStatement(context.engine, key, LABELS.consentReceipt, receipt)))
		return undefined;
	const hash = toHex(sha256(decision.statement));
	const { decisionHash, eventId, recordedAtMs } = fromBinary(ConsentReceiptSchema, receipt.statement);
	return toHex(decisionHash) === hash && toHex(eventId) === hash.slice(0, 2 * EVENT_BYTES)
		? Number(recordedAtMs)
		: undefined;
}
