/**
 * The terms as the server has them, believed only where everything fits together: the policy file has the hash that
 * is signed for, the pinned policy key signed it, and the words to be shown are the file's own.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import {
	fromHex,
	hasObjection,
	LABELS,
	type PolicyFile,
	Refusal,
	ruleTable,
	type TermsText,
	type TermsVersion,
	termsTextBytes,
	toHex,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { PolicyLogView, PurposeView, TermsView } from "../device/sharing-api.ts";
import { readServerTrust } from "../identity/server-trust.ts";
import { verifyStatement } from "../identity/signed.ts";
import { Untrusted } from "../identity/untrusted.ts";
import { isChoice, purposeHash, readPolicy } from "./policy.ts";

const LOCALE = "en";

/** One version, checked. */
export interface VerifiedTerms {
	readonly version: number;
	readonly publishedAtMs: number;
	readonly file: PolicyFile;
	readonly policyHash: Uint8Array;
	readonly textHash: Uint8Array;
	/** What the person is shown. */
	readonly text: TermsText;
}

/**
 * A version of the terms; 0 is the one in force. Rejects with TERMS_VERSION_UNKNOWN, and throws Untrusted where
 * anything about it does not verify.
 */
export async function readTerms(context: DeviceContext, version = 0): Promise<VerifiedTerms> {
	const { pins } = await readServerTrust(context);
	const { current } = await context.rpc.terms.getTerms({ locale: LOCALE, version });
	if (current === undefined) throw new Refusal("TERMS_VERSION_UNKNOWN", "this server has no such terms");
	const key = fromHex(pins.policyKey ?? "") ?? new Uint8Array();
	const signed = { statement: current.policy, signature: current.policySignature };
	const trusted = await verifyStatement(context.engine, key, LABELS.policy, signed);
	const terms = checkTerms(current, version, trusted);
	context.knownSharing.terms.set(terms.version, terms);
	return terms;
}

/**
 * The version that the person accepted, to decide under it: of a number there is one text, and what was verified once is
 * not fetched again. Rejects as `readTerms` does.
 */
export async function readAcceptedTerms(context: DeviceContext, version: number): Promise<VerifiedTerms> {
	return context.knownSharing.terms.get(version) ?? readTerms(context, version);
}

/** Holds the parts of an answer against each other. Pure. @param trusted the policy key signed the file */
export function checkTerms(answer: TermsVersion, asked: number, trusted: boolean): VerifiedTerms {
	if (!sameBytes(sha256(answer.policy), answer.policyHash))
		throw new Untrusted("POLICY_HASH_WRONG", "the policy is another one than its hash says");
	if (!trusted) throw new Untrusted("POLICY_SIGNATURE_WRONG", "the policy is not signed by the server's policy key");
	const file = readPolicy(answer.policy);
	if (file === undefined || file.version !== answer.version || (asked !== 0 && asked !== answer.version))
		throw new Untrusted("POLICY_UNREADABLE", "the policy is not that of this version");
	const text = textOf(file, answer.locale);
	const shown = { ...text, summary: answer.summary, documents: answer.documents };
	if (
		!sameBytes(sha256(termsTextBytes(shown)), answer.textHash) ||
		!sameBytes(sha256(termsTextBytes(text)), answer.textHash)
	)
		throw new Untrusted("TEXT_HASH_WRONG", "the words are other ones than the policy's");
	const { version, policyHash, textHash } = answer;
	return { version, publishedAtMs: Number(answer.publishedAtMs), file, policyHash, textHash, text };
}

function textOf(file: PolicyFile, locale: string): TermsText {
	const texts = file.locales[locale];
	if (texts === undefined) throw new Untrusted("TEXT_HASH_WRONG", "the policy has no words in this language");
	const { summary, documents, purposes } = texts;
	return { locale, summary, documents, ...(purposes !== undefined && { purposes }) };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** A checked version as apps see it. Pure. */
export function viewTerms(terms: VerifiedTerms, acceptedVersion: number, policyLog: PolicyLogView): TermsView {
	const { version, publishedAtMs, file, text, policyHash } = terms;
	return {
		version,
		publishedAtMs,
		acceptedVersion,
		summary: text.summary,
		documents: text.documents.map(({ id, title, body }) => ({ id, title, body })),
		policyHash: toHex(policyHash),
		policyLog,
		model: file.model ?? "opt_in",
		minorBelow: ruleTable(file).elsewhere.minorBelow,
		purposes: file.purposes.map(({ id }) => viewPurpose(terms, id)).filter((view) => view !== undefined),
	};
}

/** Undefined where the version has no such purpose, or no words for it. */
export function viewPurpose({ file, text }: VerifiedTerms, purpose: string): PurposeView | undefined {
	const row = file.purposes.find(({ id }) => id === purpose);
	const words = text.purposes?.[purpose] ?? file.locales[file.referenceLocale]?.purposes?.[purpose];
	if (row === undefined || words === undefined) return undefined;
	return {
		id: row.id,
		title: words.title,
		body: words.body,
		basis: row.basis,
		choice: isChoice(row),
		// Who they are decides both (`show-to.ts`).
		initiallyOn: false,
		barred: false,
		fields: [...row.fields],
		recipients: row.recipients.flatMap((id) => {
			const recipient = file.recipients.find((candidate) => candidate.id === id);
			return recipient === undefined
				? []
				: [{ id, name: recipient.name, role: recipient.role, contact: recipient.contact }];
		}),
		retentionDays: row.retentionDays,
		embargoDays: row.embargoDays ?? 0,
		objection: row.objection,
		objectable: hasObjection(row),
		purposeHash: toHex(purposeHash(file, purpose)),
	};
}
