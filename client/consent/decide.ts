/** A person's decision about sharing, from their word to the server's receipt. */
import { fromBinary } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import { ConsentReceiptSchema, fromHex, isRefusal, LABELS, Refusal, type Signed, toHex } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { Choice, PresentationView, SharingView } from "../device/sharing-api.ts";
import { readServerTrust } from "../identity/server-trust.ts";
import { signStatement, verifyStatement } from "../identity/signed.ts";
import { Untrusted } from "../identity/untrusted.ts";
import { KEYS, orderKey } from "../state/keys.ts";
import type { DecisionRecord } from "../state/records.ts";
import { readTerms } from "../terms/read-terms.ts";
import { LINKING } from "./as-shown.ts";
import { type ComposedDecision, composeDecision, type DecisionInput } from "./compose-decision.ts";
import { consentKeyFor } from "./consent-key.ts";
import { readStanding } from "./standing.ts";

const EVENT_BYTES = 16;

/**
 * Signs, keeps and sends a decision under the accepted version of the terms. What was signed is stored before it
 * leaves: a share under it can never look like one that nobody allowed. Rejects with PURPOSE_UNKNOWN,
 * TERMS_NOT_ACCEPTED, CONSENT_CONFLICT; throws Untrusted where the receipt is not the server's.
 */
export async function decide(
	context: DeviceContext,
	decisions: readonly Choice[],
	presentation: PresentationView,
	link?: DecisionInput["link"],
): Promise<SharingView> {
	if (decisions.length === 0) throw new Refusal("MALFORMED", "nothing is decided");
	const { view, shareKey } = await readStanding(context);
	if (view.acceptedVersion === 0) throw new Refusal("TERMS_NOT_ACCEPTED", "no terms are accepted yet");
	const terms = await readTerms(context, view.acceptedVersion);
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
	const signed = await signStatement(context.engine, context.keys, LABELS.consentDecision, composed.statement);
	const record = recordOf(signed, composed, terms.version, context.serverNow());
	await store(context, record.key, record);
	try {
		await send(context, signed, composed, record);
	} catch (error) {
		// Refused for good: no share may ever stand on it. Without an answer it may have arrived, and stays.
		if (isRefusal(error) && !UNDECIDED.has(error.code)) await store(context, record.key, undefined);
		if (isRefusal(error, "CONSENT_CONFLICT")) context.announcer.emit({ type: "sharing" });
		throw error;
	}
	context.announcer.emit({ type: "sharing" });
	return (await readStanding(context)).view;
}

const UNDECIDED: ReadonlySet<string> = new Set(["INTERNAL", "UNAVAILABLE"]);

/** Hands a recipient's nonce back to it, signed. Rejects with MALFORMED where it is none, and as `decide` does. */
export async function linkRecipient(context: DeviceContext, nonce: string, recipient: string): Promise<SharingView> {
	const bytes = fromHex(nonce);
	if (bytes === undefined || bytes.length === 0 || bytes.length > NONCE_BYTES)
		throw new Refusal("MALFORMED", "this is no nonce");
	const presentation = { control: "buttons", initiallyOn: false, place: "link" } as const;
	const assertion = { nonce: bytes, ...context.facts };
	return decide(context, [{ purpose: LINKING, granted: true }], presentation, { recipient, assertion });
}

const NONCE_BYTES = 64;

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

async function store({ state }: DeviceContext, key: string, record: DecisionRecord | undefined): Promise<void> {
	await state.transact(async (draft) => draft.write(KEYS.decision(key), record));
}

async function send(
	context: DeviceContext,
	decision: Signed,
	{ grants }: ComposedDecision,
	record: DecisionRecord,
): Promise<void> {
	const { receipt } = await context.rpc.sharing.decidePurposes({
		decision,
		grants: grants.map(({ signed }) => signed),
	});
	const recordedAtMs = await checkReceipt(context, decision, receipt);
	if (receipt === undefined || recordedAtMs === undefined)
		throw new Untrusted("RECEIPT_WRONG", "the server's receipt does not belong to this decision");
	const kept = { statement: toHex(receipt.statement), signature: toHex(receipt.signature), recordedAtMs };
	await store(context, record.key, { ...record, receipt: kept });
}

/** When the server recorded it; undefined where the receipt is not the server's, or for something else. */
async function checkReceipt(
	context: DeviceContext,
	decision: Signed,
	receipt: Signed | undefined,
): Promise<number | undefined> {
	const { pins } = await readServerTrust(context);
	const key = fromHex(pins.policyKey ?? "") ?? new Uint8Array();
	if (receipt === undefined || !(await verifyStatement(context.engine, key, LABELS.consentReceipt, receipt)))
		return undefined;
	const hash = toHex(sha256(decision.statement));
	const { decisionHash, eventId, recordedAtMs } = fromBinary(ConsentReceiptSchema, receipt.statement);
	return toHex(decisionHash) === hash && toHex(eventId) === hash.slice(0, 2 * EVENT_BYTES)
		? Number(recordedAtMs)
		: undefined;
}
