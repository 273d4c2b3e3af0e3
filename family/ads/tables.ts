/** The tables of advertisers, their lists and their ads. Money is whole minor units unless a name says otherwise. */
import type { Selectable } from "kysely";
import type { AudienceRecords } from "../audiences/tables.ts";
import type { PersonId } from "../people/person.ts";

/** Digits; the Graph writes "act_" before them. */
declare const brand: unique symbol;
export type AdAccountId = string & { readonly [brand]: "AdAccountId" };

export interface AdsRecords extends AudienceRecords {
	ad_account: AdAccountTable;
	campaign: CampaignTable;
	ad_set: AdSetTable;
	ad_set_audience: AdSetAudienceTable;
	creative: CreativeTable;
	ad: AdTable;
	ad_spend: AdSpendTable;
	impression: ImpressionTable;
	hidden_advertiser: HiddenAdvertiserTable;
	ad_choice: AdChoiceTable;
}

export interface AdAccountTable {
	account_id: AdAccountId;
	/** What people read beside an ad. */
	name: string;
	/** Tokens are derived from the service's seed with this number; a higher one makes the earlier tokens void. */
	token_number: number;
	/** When the account agreed to the rules for lists; uploads are refused before. */
	audience_terms_at_ms: number | null;
	created_at_ms: number;
}

/** What the owner wants of an object. */
export type Wanted = "ACTIVE" | "PAUSED" | "ARCHIVED" | "DELETED";

export interface CampaignTable {
	campaign_id: string;
	account_id: AdAccountId;
	name: string;
	objective: string;
	status: Wanted;
	/** JSON list. */
	special_ad_categories: string;
	daily_budget: number | null;
	lifetime_budget: number | null;
	spend_cap: number | null;
	created_at_ms: number;
	updated_at_ms: number;
}

export interface AdSetTable {
	ad_set_id: string;
	account_id: AdAccountId;
	campaign_id: string;
	name: string;
	status: Wanted;
	billing_event: string;
	optimization_goal: string;
	/** Minor units for a thousand impressions. */
	bid_amount: number;
	daily_budget: number | null;
	lifetime_budget: number | null;
	starts_at_ms: number | null;
	ends_at_ms: number | null;
	/** At most `frequency_most` impressions per person within this many days. */
	frequency_days: number | null;
	frequency_most: number | null;
	/** JSON, as `targeting.ts` reads it. */
	targeting: string;
	/** Who pays, and for whom (DSA article 26). */
	payor: string;
	beneficiary: string;
	created_at_ms: number;
	updated_at_ms: number;
}

export interface AdSetAudienceTable {
	ad_set_id: string;
	audience_id: string;
	role: "include" | "exclude";
}

export interface CreativeTable {
	creative_id: string;
	account_id: AdAccountId;
	name: string;
	status: Wanted;
	title: string;
	message: string;
	/** An https or http URL. */
	link: string;
	/** JSON of the object_story_spec as it was given. */
	story: string;
	created_at_ms: number;
	updated_at_ms: number;
}

export interface AdTable {
	ad_id: string;
	account_id: AdAccountId;
	ad_set_id: string;
	creative_id: string;
	name: string;
	status: Wanted;
	/** Why the review refused it; null where it passed. */
	review_reason: string | null;
	impressions: number;
	/** How many people hid the advertiser because of this ad. */
	hides: number;
	created_at_ms: number;
	updated_at_ms: number;
}

/** What an ad set spent on a day: sums, nobody in particular. */
export interface AdSpendTable {
	ad_set_id: string;
	/** Days since 1970-01-01 UTC. */
	day: number;
	impressions: number;
	/** Thousandths of a minor unit: a bid is for a thousand impressions. */
	thousandths: number;
}

/**
 * Who saw which ad, for the frequency cap and for "why am I seeing this?", and nothing more: no address, no device, no
 * page. Goes after the frequency window or 30 days, and at once with the key that it was matched by.
 */
export interface ImpressionTable {
	/** Random; in the address of the explanation. */
	impression_id: string;
	person_id: PersonId;
	ad_id: string;
	ad_set_id: string;
	/** The list that the person was matched on; null for an ad that uses none. */
	audience_id: string | null;
	matched_by: "phone" | "email" | null;
	at_ms: number;
	expires_at_ms: number;
}

export interface HiddenAdvertiserTable {
	person_id: PersonId;
	account_id: AdAccountId;
	at_ms: number;
}

/**
 * What a person said here about ads by lists. `on`: their verified number and log-in address may be matched. `off`:
 * nothing may, a share included. No row: never asked; a share under a live consent counts, what they told us does not.
 */
export interface AdChoiceTable {
	person_id: PersonId;
	choice: "on" | "off";
	at_ms: number;
}

export type AdAccountRow = Selectable<AdAccountTable>;
export type CampaignRow = Selectable<CampaignTable>;
export type AdSetRow = Selectable<AdSetTable>;
export type CreativeRow = Selectable<CreativeTable>;
export type AdRow = Selectable<AdTable>;
export type AdChoice = AdChoiceTable["choice"] | "unset";
