/** The grants that come with a decision: one for each recipient of each granted purpose, and nothing else. */
import {
	type ConsentDecision,
	type ConsentGrant,
	ConsentGrantSchema,
	isResidual,
	LABELS,
	Refusal,
	type Signed,
	signedBytes,
	toHex,
} from "@troth/protocol";
import { subjectAt, verifyEd25519 } from "@troth/transparency";
import type { KeptGrant } from "../consent/evidence.ts";
import type { Policy } from "../policy/policy.ts";
import { decodeStatement, sameBytes } from "./own-statement.ts";
import { sha256 } from "./sha256.ts";

const LINKING = "account_linking";
const NONCE_BYTES = { least: 16, most: 64 };
const FACT_CHARACTERS = 64;

/**
 * Reads and checks them against the decision and the policy in force. Each is signed by the consent key that it names;
 * that the key is the one the recipient knows, the recipient sees. Refuses with MALFORMED, UNAUTHENTICATED (a signature),
 * PURPOSE_UNKNOWN.
 */
export function readGrants(
	decision: ConsentDecision,
	grants: readonly Signed[],
	policy: Policy,
	shareKey: Uint8Array,
): readonly KeptGrant[] {
	if (grants.length !== decision.grantHashes.length) throw malformed("each grant has its hash in the decision");
	const kept = grants.map((grant, at) => {
		const { signed, statement } = decodeStatement(ConsentGrantSchema, grant);
		if (!sameBytes(decision.grantHashes[at], sha256(signed.statement)))
			throw malformed("a grant is not the one that the decision names");
		checkGrant(decision, signed, statement, shareKey);
		const { purpose, recipient, generation, link } = statement;
		return { purpose, recipient, generation, signed, link };
	});
	checkCover(decision, kept, policy);
	return kept;
}

function checkGrant(decision: ConsentDecision, signed: Signed, grant: ConsentGrant, shareKey: Uint8Array): void {
	const bytes = signedBytes(LABELS.consentGrant, signed.statement);
	if (!verifyEd25519(grant.consentKey, bytes, signed.signature))
		throw new Refusal("UNAUTHENTICATED", "a grant is not signed by the consent key that it names");
	const decided = decision.decisions.find(({ purpose }) => purpose === grant.purpose);
	if (decided === undefined || !decided.granted) throw malformed("a grant of a purpose that is not granted");
	if (grant.generation !== decided.generation) throw malformed("a grant has another generation than the decision");
	if (!sameBytes(grant.purposeHash, decided.purposeHash)) throw malformed("a grant is about other words");
	if (grant.decidedAtMs !== decision.decidedAtMs) throw malformed("a grant has another time than the decision");
	if (!sameBytes(grant.subject, subjectAt(shareKey, grant.recipient)))
		throw malformed("a grant is about somebody else than the account is at this recipient");
	checkLink(grant);
}

function checkLink({ purpose, link }: ConsentGrant): void {
	if ((link !== undefined) !== (purpose === LINKING)) throw malformed(`${LINKING} and nothing else has a link`);
	if (link === undefined) return;
	if (link.nonce.length < NONCE_BYTES.least || link.nonce.length > NONCE_BYTES.most)
		throw malformed("the nonce of a link has 16 to 64 bytes");
	for (const fact of [link.deviceType, link.os, link.appVersion])
		if (fact === "" || fact.length > FACT_CHARACTERS) throw malformed("a link says device type, os and app version");
}

/** Exactly one for each recipient of each granted purpose. */
function checkCover(decision: ConsentDecision, kept: readonly KeptGrant[], policy: Policy): void {
	const pair = (purpose: string, recipient: string) => JSON.stringify([purpose, recipient]);
	const needed = decision.decisions
		// The end of an objection is no yes to anybody.
		.filter(({ granted, purpose }) => granted && !isResidual(purpose))
		.flatMap(({ purpose, purposeHash }) => {
			const row = policy.purposes.get(purpose);
			if (row === undefined || row.hash !== toHex(purposeHash))
				throw new Refusal("PURPOSE_UNKNOWN", "no such purpose in the policy in force, or in other words");
			return row.recipients.map((recipient) => pair(purpose, recipient));
		});
	const given = kept.map(({ purpose, recipient }) => pair(purpose, recipient));
	if (needed.sort().join() !== given.sort().join())
		throw malformed("a granted purpose needs one grant for each of its recipients");
}

function malformed(message: string): Refusal {
	return new Refusal("MALFORMED", message);
}
