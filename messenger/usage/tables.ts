/**
 * What is kept about use: per account the days of four weeks and nothing finer, and counts about nobody. Days are UTC
 * days since 1970.
 */
import type { DeliveryDaysTables, UsageSumsTables } from "@troth/bridge";
import type { AccountId, UsageClass } from "@troth/protocol";

export interface UsageTables extends UsageSumsTables, DeliveryDaysTables {
	usage_days: UsageDaysTable;
	usage_said: UsageSaidTable;
	delivery_count: DeliveryCountTable;
}

export interface UsageDaysTable {
	account_id: AccountId;
	last_used_day: number;
	/** Bit n: used n days before `last_used_day`; 28 bits. */
	days: number;
	/** When the class is said next. */
	due_day: number;
}

/** What was said last about an account, as the view of `usage_metrics` shows it. */
export interface UsageSaidTable {
	account_id: AccountId;
	/** The day it was said on. */
	generation: number;
	/** "2026-11-22" */
	last_used_day: string;
	usage_class: UsageClass;
}

export interface DeliveryCountTable {
	day: number;
	os: string;
	app_version: string;
	outcome: string;
	times: number;
}
