/**
 * The policy file: the terms of one version as data, from which the notice, the decision and the receipts follow. This
 * is its shape and what is hashed of it; who publishes a file checks it first (`bridge/policy`).
 */
import { canonicalJson, type Json } from "./canonical-json.ts";
import type { Basis, Field, Purpose } from "./purposes.ts";

/** A company that may get something. Its address and keys are the installation's settings, not the policy's. */
export interface PolicyRecipient {
	/** Short and stable: "family". */
	readonly id: string;
	readonly name: string;
	/** GDPR articles 4(7), 26 and 28. */
	readonly role: "controller" | "joint" | "processor";
	/** Where a person can write to it. */
	readonly contact: string;
}

export interface PolicyPurpose {
	readonly id: Purpose;
	readonly basis: Basis;
	readonly fields: readonly Field[];
	/** Ids of recipients. */
	readonly recipients: readonly string[];
	/** How long a recipient may keep it without a new share, in days. */
	readonly retentionDays: number;
	/** How the control is shown before the person touched it. `on` only with the basis `opt_out`. */
	readonly initial: "off" | "on";
	/** `opt_out` only: nothing flows before acceptance plus this. */
	readonly embargoDays?: number;
	/** Can a person object where there is no choice (GDPR article 21)? */
	readonly objection: boolean;
}

/** What differs by where a person lives (B11); `policy-rules.ts` says which row holds for whom. */
export interface PolicyRule {
	/** ISO 3166-1 alpha-2, or "*" for everywhere else. */
	readonly regions: readonly string[];
	/** Who is younger is a minor there. */
	readonly minorBelow: number;
	/** May the basis `opt_out` hold there? Where it may not, such a purpose needs a yes of the person's own. */
	readonly optOut: boolean;
	/** What `usage_metrics` may say there: something about each pseudonym, or only sums over many people (C1). */
	readonly usageMetrics: "pseudonym" | "aggregates";
}

export interface PurposeWords {
	/** The choice in a few words: "Suggest friends". */
	readonly title: string;
	/** What goes to whom and why, in a sentence or two. */
	readonly body: string;
}

export interface PolicyLocale {
	readonly summary: readonly string[];
	readonly documents: readonly { readonly id: string; readonly title: string; readonly body: string }[];
	/** Words for each purpose of the file; absent where it has none. */
	readonly purposes?: { readonly [purpose: string]: PurposeWords };
}

export interface PolicyFile {
	readonly version: number;
	/** `opt_out` policies name the regions they hold in and the operator's acknowledgement (B5). */
	readonly model?: "opt_in" | "opt_out";
	readonly regions?: readonly string[];
	readonly acknowledgement?: string;
	readonly rules?: readonly PolicyRule[];
	readonly referenceLocale: string;
	readonly recipients: readonly PolicyRecipient[];
	readonly purposes: readonly PolicyPurpose[];
	readonly locales: { readonly [locale: string]: PolicyLocale };
}

/**
 * What a consent is bound to (B8, hazard 27): SHA-256 over these bytes is the purposeHash. It covers purpose, basis,
 * fields, recipients with their roles, retention, embargo and the words of the reference locale, and nothing else: a
 * version that leaves these alone keeps the consent. Throws TypeError where the file has no such purpose.
 */
export function purposeBytes(file: PolicyFile, purpose: string): Uint8Array<ArrayBuffer> {
	const row = file.purposes.find(({ id }) => id === purpose);
	const words = file.locales[file.referenceLocale]?.purposes?.[purpose];
	if (row === undefined || words === undefined) throw new TypeError("the policy has no such purpose");
	const recipients = row.recipients.map((id) => {
		const recipient = file.recipients.find((candidate) => candidate.id === id);
		if (recipient === undefined) throw new TypeError("the policy names a recipient that it does not describe");
		return { id, name: recipient.name, role: recipient.role };
	});
	const facts = {
		purpose,
		basis: row.basis,
		fields: row.fields,
		recipients,
		retentionDays: row.retentionDays,
		embargoDays: row.embargoDays ?? 0,
		title: words.title,
		body: words.body,
	};
	return new TextEncoder().encode(canonicalJson(facts as Json));
}
