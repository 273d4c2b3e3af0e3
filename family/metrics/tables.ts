/** What use and delivery are counted from. Days are UTC days since 1970; a week is the day of its Monday. */
import type { ResidualPurpose, UsageClass } from "@troth/protocol";
import type { PersonId } from "../people/person.ts";

export interface MetricsRecords {
	residual_item: ResidualItemTable;
	said_usage: SaidUsageTable;
	said_sums: SaidSumsTable;
	own_usage: OwnUsageTable;
	own_usage_week: OwnUsageWeekTable;
	delivery_said: DeliverySaidTable;
}

/** One thing that came without a yes; its values stand with its consumer. */
export interface ResidualItemTable {
	subject: string;
	purpose: ResidualPurpose;
	generation: number;
	policy_hash: string;
	purpose_hash: string;
	policy_version: number;
	received_at_ms: number;
	expires_at_ms: number;
}

/** Somebody on the messenger, under a name that holds for a quarter. */
export interface SaidUsageTable {
	subject: string;
	/** The generation: when it was said. */
	said_day: number;
	week: number;
	usage_class: UsageClass;
	last_used_day: number;
}

/** People on the messenger of whom it says nothing but together, in one week. */
export interface SaidSumsTable {
	/** The messenger's own name. */
	subject: string;
	/** The generation: the week's last day. */
	said_day: number;
	week: number;
	usage_class: UsageClass;
	people: number;
}

/** The same about the company's own people: the days of four weeks, nothing finer. */
export interface OwnUsageTable {
	person_id: PersonId;
	last_used_day: number;
	/** Bit n: here n days before `last_used_day`; 28 bits. */
	days: number;
}

/** What is left of a week of the company's own: sums. */
export interface OwnUsageWeekTable {
	week: number;
	usage_class: UsageClass;
	people: number;
}

/** How the messenger delivered, about nobody; cells that are too small come as "other". */
export interface DeliverySaidTable {
	day: number;
	os: string;
	app_version: string;
	outcome: "delivered" | "left";
	times: number;
}
