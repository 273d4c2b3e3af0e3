/**
 * A decision as a document that its person can keep: the fields of ISO/IEC TS 27560 in the words of the Data Privacy
 * Vocabulary, with the signed statements inside. Whoever has it can check both signatures without us. Pure.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { ConsentDecisionSchema, fromHex, LABELS, toHex } from "@troth/protocol";
import type { ReceiptView } from "../device/sharing-api.ts";
import type { DecisionRecord } from "../state/sharing-records.ts";

export interface ReceiptContext {
	/** Origin of the server. */
	readonly server: string;
	/** The pinned policy key, hex. */
	readonly policyKey: string | undefined;
	/** The device's public key, hex. */
	readonly deviceKey: string;
}

/** Version of the document's own shape. */
const SCHEMA = "troth-consent-receipt/1";

const CONTEXT = {
	dpv: "https://w3id.org/dpv#",
	dct: "http://purl.org/dc/terms/",
	xsd: "http://www.w3.org/2001/XMLSchema#",
	troth: "urn:troth:",
} as const;

/** The decision of a record. Throws where the record is not one of ours. */
function decisionOf(record: DecisionRecord) {
	return fromBinary(ConsentDecisionSchema, fromHex(record.statement) ?? new Uint8Array());
}

/** The decision as apps see it, its document included. */
export function viewReceipt(record: DecisionRecord, context: ReceiptContext): ReceiptView {
	return {
		event: record.event,
		decidedAtMs: record.decidedAtMs,
		recordedAtMs: record.receipt?.recordedAtMs,
		decisions: decisionOf(record).decisions.map(({ purpose, granted, generation }) => ({
			purpose,
			granted,
			generation,
		})),
		document: JSON.stringify(receiptDocument(record, context), null, "\t"),
	};
}

function receiptDocument(record: DecisionRecord, context: ReceiptContext): Readonly<Record<string, unknown>> {
	const decision = decisionOf(record);
	const { receipt } = record;
	return {
		"@context": CONTEXT,
		"@type": "dpv:ConsentRecord",
		"@id": `urn:troth:decision:${record.event}`,
		"dct:identifier": record.event,
		"dct:conformsTo": ["ISO/IEC TS 27560:2023", SCHEMA],
		"dct:created": isoTime(record.decidedAtMs),
		"dpv:hasDataController": { "@type": "dpv:DataController", "@id": context.server },
		// A pseudonym: the random id of the account at this server, known to no recipient.
		"dpv:hasDataSubject": { "@type": "dpv:DataSubject", "@id": `urn:troth:account:${toHex(decision.accountId)}` },
		"dpv:hasNotice": {
			"troth:version": decision.version,
			"troth:policyHash": toHex(decision.policyHash),
			"troth:textHash": toHex(decision.textHash),
			"dct:language": decision.locale,
			"troth:presentation": {
				control: decision.presentation?.control,
				initiallyOn: decision.presentation?.initiallyOn,
				place: decision.presentation?.place,
			},
		},
		"dpv:hasProcess": decision.decisions.map(({ purpose, granted, purposeHash, generation }) => ({
			"@type": "dpv:Process",
			"dpv:hasPurpose": purpose,
			"dpv:hasConsentStatus": granted ? "dpv:ConsentGiven" : "dpv:ConsentRefused",
			"troth:purposeHash": toHex(purposeHash),
			...(granted && { "troth:generation": generation }),
			"dpv:hasRecipient": record.grants
				.filter((grant) => grant.purpose === purpose)
				.map(({ recipient, hash, statement, signature }) => ({
					"@id": recipient,
					"troth:grantHash": hash,
					"troth:grant": { label: LABELS.consentGrant, statement, signature },
				})),
		})),
		"troth:decision": {
			label: LABELS.consentDecision,
			statement: record.statement,
			signature: record.signature,
			publicKey: context.deviceKey,
		},
		...(receipt !== undefined && {
			"dct:issued": isoTime(receipt.recordedAtMs),
			"troth:receipt": {
				label: LABELS.consentReceipt,
				statement: receipt.statement,
				signature: receipt.signature,
				publicKey: context.policyKey,
			},
		}),
	};
}

function isoTime(ms: number): string {
	return new Date(ms).toISOString();
}
