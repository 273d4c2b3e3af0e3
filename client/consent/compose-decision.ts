/** What a device signs when its person decides: one decision, and a grant for each recipient of each yes. Pure. */
import { create, toBinary } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import {
	type AccountId,
	ConsentDecisionSchema,
	ConsentGrantSchema,
	type DeviceId,
	hasObjection,
	idBytes,
	isResidual,
	type LinkAssertion,
	Refusal,
	type Signed,
	toHex,
} from "@troth/protocol";
import { subjectAt } from "@troth/transparency";
import type { Choice, PresentationView } from "../device/sharing-api.ts";
import type { GrantRecord } from "../state/sharing-records.ts";
import { isChoice, purposeHash } from "../terms/policy.ts";
import type { VerifiedTerms } from "../terms/read-terms.ts";
import { LINKING } from "./as-shown.ts";
import type { ConsentKey } from "./consent-key.ts";

export interface DecisionInput {
	readonly account: AccountId;
	readonly device: DeviceId;
	readonly terms: VerifiedTerms;
	readonly decisions: readonly Choice[];
	readonly presentation: PresentationView;
	readonly decidedAtMs: number;
	/** The last generation that was granted. */
	readonly generationOf: (purpose: string) => number;
	readonly shareKey: Uint8Array;
	readonly keyFor: (recipient: string) => ConsentKey;
	/** For `account_linking`: to whom, and what its page gave out. */
	readonly link?: { readonly recipient: string; readonly assertion: Omit<LinkAssertion, "$typeName" | "$unknown"> };
}

export interface ComposedDecision {
	/** Serialized ConsentDecision, to be signed by the device key. */
	readonly statement: Uint8Array;
	readonly grants: readonly { readonly signed: Signed; readonly record: GrantRecord }[];
}

/** Rejects with PURPOSE_UNKNOWN what this version leaves nobody to decide, with MALFORMED a link without a nonce. */
export function composeDecision(input: DecisionInput): ComposedDecision {
	const { terms, decisions, presentation, decidedAtMs } = input;
	const decided = decisions.map(({ purpose, granted }) => ({
		purpose,
		granted,
		purposeHash: hashOfChoice(terms, purpose),
		// The end of an objection is no yes, and has no generation.
		generation: granted && !isResidual(purpose) ? input.generationOf(purpose) + 1 : 0,
	}));
	const yeses = decided.filter(({ granted, purpose }) => granted && !isResidual(purpose));
	const grants = yeses.flatMap((decision) => grantsOf(input, decision));
	const statement = toBinary(
		ConsentDecisionSchema,
		create(ConsentDecisionSchema, {
			accountId: idBytes(input.account),
			deviceId: idBytes(input.device),
			version: terms.version,
			policyHash: terms.policyHash,
			locale: terms.text.locale,
			textHash: terms.textHash,
			decisions: decided,
			presentation,
			decidedAtMs: BigInt(decidedAtMs),
			grantHashes: grants.map(({ signed }) => sha256(signed.statement)),
		}),
	);
	return { statement, grants };
}

function hashOfChoice({ file }: VerifiedTerms, purpose: string): Uint8Array {
	const row = file.purposes.find(({ id }) => id === purpose);
	if (row === undefined || !(isChoice(row) || hasObjection(row)))
		throw new Refusal("PURPOSE_UNKNOWN", "there is no such choice");
	return purposeHash(file, purpose);
}

interface Decided {
	readonly purpose: string;
	readonly purposeHash: Uint8Array;
	readonly generation: number;
}

function grantsOf(input: DecisionInput, decision: Decided): ComposedDecision["grants"] {
	const { purpose, generation } = decision;
	const { link } = input;
	if (purpose === LINKING && link === undefined)
		throw new Refusal("MALFORMED", "accounts are linked from the recipient's own page");
	const recipients = input.terms.file.purposes.find(({ id }) => id === purpose)?.recipients ?? [];
	const asked = purpose === LINKING ? recipients.filter((recipient) => recipient === link?.recipient) : recipients;
	if (asked.length === 0) throw new Refusal("PURPOSE_UNKNOWN", "this recipient gets nothing for this purpose");
	return asked.map((recipient) => {
		const key = input.keyFor(recipient);
		const statement = toBinary(
			ConsentGrantSchema,
			create(ConsentGrantSchema, {
				...decision,
				recipient,
				subject: subjectAt(input.shareKey, recipient),
				decidedAtMs: BigInt(input.decidedAtMs),
				consentKey: key.publicKey,
				...(purpose === LINKING && link !== undefined && { link: link.assertion }),
			}),
		);
		const signed = key.sign(statement);
		const record = {
			hash: toHex(sha256(statement)),
			recipient,
			purpose,
			generation,
			statement: toHex(statement),
			signature: toHex(signed.signature),
		};
		return { signed, record };
	});
}
