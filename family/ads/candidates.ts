/** The ads that could run at this moment, whoever looks: active all the way up, reviewed, within their time and money. */
import { type Kysely, sql } from "kysely";
import * as v from "valibot";
import type { Records } from "../records/schema.ts";
import type { AdAccountId } from "./tables.ts";
import { type Rules, rulesOf, Targeting } from "./targeting.ts";

const DAY_MS = 24 * 3600 * 1000;

export const dayOf = (ms: number) => Math.floor(ms / DAY_MS);

export interface Candidate {
	readonly ad: string;
	readonly adSet: string;
	readonly account: AdAccountId;
	readonly advertiser: string;
	readonly payor: string;
	readonly title: string;
	readonly message: string;
	readonly link: string;
	readonly bid: number;
	readonly impressions: number;
	readonly hides: number;
	readonly frequency: { readonly days: number; readonly most: number } | undefined;
	readonly rules: Rules;
}

/** All of them: this company is small. Sums come with each row, so that no money is spent twice. */
export async function findCandidates(db: Kysely<Records>, nowMs: number): Promise<readonly Candidate[]> {
	const rows = await db
		.selectFrom("ad")
		.innerJoin("ad_set", "ad_set.ad_set_id", "ad.ad_set_id")
		.innerJoin("campaign", "campaign.campaign_id", "ad_set.campaign_id")
		.innerJoin("creative", "creative.creative_id", "ad.creative_id")
		.innerJoin("ad_account", "ad_account.account_id", "ad.account_id")
		.select(["ad.ad_id", "ad.impressions", "ad.hides", "ad_account.account_id", "ad_account.name as advertiser"])
		.select(["ad_set.ad_set_id", "bid_amount", "frequency_days", "frequency_most", "targeting", "payor"])
		.select(["creative.title", "creative.message", "creative.link"])
		.where("ad.status", "=", "ACTIVE")
		.where("ad.review_reason", "is", null)
		.where("ad_set.status", "=", "ACTIVE")
		.where("campaign.status", "=", "ACTIVE")
		.where("creative.status", "=", "ACTIVE")
		.where(({ or, eb }) => or([eb("starts_at_ms", "is", null), eb("starts_at_ms", "<=", nowMs)]))
		.where(({ or, eb }) => or([eb("ends_at_ms", "is", null), eb("ends_at_ms", ">", nowMs)]))
		.where(withinBudget("ad_set.ad_set_id = ad_spend.ad_set_id", "ad_set.daily_budget", dayOf(nowMs)))
		.where(withinBudget("ad_set.ad_set_id = ad_spend.ad_set_id", "ad_set.lifetime_budget"))
		.where(withinBudget(OF_CAMPAIGN, "campaign.daily_budget", dayOf(nowMs)))
		.where(withinBudget(OF_CAMPAIGN, "campaign.lifetime_budget"))
		.where(withinBudget(OF_CAMPAIGN, "campaign.spend_cap"))
		.execute();
	return rows.map((row) => {
		return {
			ad: row.ad_id,
			adSet: row.ad_set_id,
			account: row.account_id,
			advertiser: row.advertiser,
			payor: row.payor,
			title: row.title,
			message: row.message,
			link: row.link,
			bid: row.bid_amount,
			impressions: row.impressions,
			hides: row.hides,
			frequency:
				row.frequency_days === null || row.frequency_most === null
					? undefined
					: { days: row.frequency_days, most: row.frequency_most },
			rules: rulesOf(v.parse(Targeting, row.targeting)),
		};
	});
}

const OF_CAMPAIGN =
	"ad_spend.ad_set_id in (select of.ad_set_id from ad_set as of where of.campaign_id = campaign.campaign_id)";

/** Whether one more impression at the full bid would still be within: what is spent never passes the budget. */
function withinBudget(which: string, budget: string, day?: number) {
	const onDay = day === undefined ? sql`true` : sql`ad_spend.day = ${day}`;
	return sql<boolean>`(${sql.ref(budget)} is null or ${sql.ref(budget)} * 1000 >= ad_set.bid_amount + (
		select coalesce(sum(ad_spend.thousandths), 0) from ad_spend where ${sql.raw(which)} and ${onDay}
	))`;
}
