/** What the messenger keeps about abuse. Times are UTC milliseconds; labels and classes are those of `protocol/abuse.ts`. */
import type { AbuseLabel, AbusePurpose, AccountId, ReportReason, ScoreClass } from "@troth/protocol";
import type { Generated, Selectable } from "kysely";

export interface AbuseTables {
	abuse_action: AbuseActionTable;
	abuse_block: AbuseBlockTable;
	returned_label: ReturnedLabelTable;
	abuse_report: AbuseReportTable;
}

/** What the operator did about an account, until it ends or is lifted. */
export interface AbuseActionTable {
	account_id: AccountId;
	purpose: AbusePurpose;
	label: AbuseLabel;
	score_class: ScoreClass | null;
	case_id: string | null;
	/** HMAC of the account's number, hex: for `abuse_block`, when the account ends. */
	number_mac: string;
	/** Of the share: a time, because a number can come back under another account and its name at a recipient stays. */
	generation: number;
	since_ms: number;
	until_ms: number;
	/** The person objected, and the operator has not decided: until then nothing of it is shared. */
	objected_at_ms: number | null;
	/** When the operator decided that it stands, after an objection. */
	kept_at_ms: number | null;
}

/** What of a limit for spam outlives its account, so that registering again does not shed it. */
export interface AbuseBlockTable {
	/** HMAC of the number under a key of its own, hex. */
	number_mac: string;
	label: AbuseLabel;
	score_class: ScoreClass | null;
	since_ms: number;
	until_ms: number;
	/** Twelve months after the account ended at the latest. */
	kept_until_ms: number;
}

/** What another company said of a number: there is no account in here, whose it is follows from the number. */
export interface ReturnedLabelTable {
	recipient: string;
	/** The number's name between the bridge and this company, 32 hex digits. */
	subject: string;
	label: AbuseLabel;
	score_class: ScoreClass | null;
	since_ms: number;
	until_ms: number;
}

export interface AbuseReportTable {
	report_id: Generated<number>;
	reporter_account_id: AccountId;
	account_id: AccountId;
	reason: ReportReason;
	reported_at_ms: number;
	/** JSON: `OpenedMessage`s that the reporter revealed; null for none. */
	revealed: Generated<string | null>;
}

export type AbuseActionRow = Selectable<AbuseActionTable>;
