/**
 * What may be said about an account that was acted upon, as closed vocabularies: nothing that leaves the messenger, or
 * comes back to it, has room for free text, a number or a name (C1).
 */
import type { Purpose } from "./purposes.ts";

/** Labels by the purpose they are shared under. */
export const ABUSE_LABELS = {
	spam_and_abuse: ["bulk_messages", "scam", "harassment", "fake_account"],
	security: ["account_takeover", "phishing", "malware"],
	infringement: ["copyright", "trademark", "counterfeit"],
} as const satisfies { readonly [purpose in Purpose]?: readonly string[] };

export type AbusePurpose = keyof typeof ABUSE_LABELS;
export type AbuseLabel = (typeof ABUSE_LABELS)[AbusePurpose][number];

/** How sure and how bad, in three steps: `spam_and_abuse` only. */
export const SCORE_CLASSES = ["low", "medium", "high"] as const;
export type ScoreClass = (typeof SCORE_CLASSES)[number];

/** "CASE-17": too short to hold a number of anybody. `security` and `infringement` only. */
const CASE_ID = /^CASE-[0-9]{1,6}$/;

/** Why one person reports another. */
export const REPORT_REASONS = ["spam", "scam", "harassment", "impersonation", "illegal", "other"] as const;
export type ReportReason = (typeof REPORT_REASONS)[number];

export function isAbusePurpose(purpose: string): purpose is AbusePurpose {
	return Object.hasOwn(ABUSE_LABELS, purpose);
}

/** Is this a label of that purpose? */
export function isAbuseLabel(purpose: AbusePurpose, label: string): label is AbuseLabel {
	return (ABUSE_LABELS[purpose] as readonly string[]).includes(label);
}

export function isScoreClass(text: string): text is ScoreClass {
	return (SCORE_CLASSES as readonly string[]).includes(text);
}

export function isCaseId(text: string): boolean {
	return CASE_ID.test(text);
}

export function isReportReason(text: string): text is ReportReason {
	return (REPORT_REASONS as readonly string[]).includes(text);
}
