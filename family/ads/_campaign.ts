/** A list and an ad for it, made through the Marketing API. For tests. */
import assert from "node:assert/strict";
import { type Answer, type Town, uploaded } from "./_town.ts";
import type { AdAccount } from "./accounts.ts";

type Advertising = Pick<Town, "graph" | "advertiser">;

export interface CampaignChoices {
	readonly account?: AdAccount;
	/** Of the list. */
	readonly audience?: object;
	readonly adSet?: object;
	readonly targeting?: object;
	/** Without a list the ad is for everybody. */
	readonly phones?: readonly string[] | undefined;
	readonly title?: string;
}

export interface TestCampaign {
	readonly audience: string | undefined;
	readonly campaign: string;
	readonly adSet: string;
	readonly ad: string;
}

export function idOf(answer: Answer): string {
	assert.equal(answer.status, 200, answer.text);
	return String(answer.body["id"]);
}

export async function makeAudience(
	town: Advertising,
	phones: readonly string[],
	{ account, audience }: CampaignChoices = {},
) {
	const id = idOf(
		await town.graph(
			"POST",
			`/${(account ?? town.advertiser).id}/customaudiences`,
			{ name: "Spring letters", subtype: "CUSTOM", customer_file_source: "USER_PROVIDED_ONLY", ...audience },
			account,
		),
	);
	const upload = await addPhones(town, id, phones, account);
	assert.equal(upload.body["num_received"], phones.length);
	return id;
}

export function addPhones(town: Advertising, audience: string, phones: readonly string[], account?: AdAccount) {
	const payload = { schema: ["PHONE"], is_raw: true, data: phones.map((phone) => [uploaded(phone)]) };
	return town.graph("POST", `/${audience}/users`, { payload }, account);
}

/** Everything from the list to the running ad. */
export async function runCampaign(town: Advertising, choices: CampaignChoices = {}): Promise<TestCampaign> {
	const { account, phones, title = "Boots", adSet, targeting } = choices;
	const act = (account ?? town.advertiser).id;
	const audience = phones === undefined ? undefined : await makeAudience(town, phones, choices);
	const make = async (edge: string, parameters: object) =>
		idOf(await town.graph("POST", `/${act}/${edge}`, parameters, account));
	const campaign = await make("campaigns", {
		name: "Spring",
		objective: "OUTCOME_TRAFFIC",
		status: "ACTIVE",
		special_ad_categories: [],
	});
	const adSetId = await make("adsets", {
		name: "People who know us",
		campaign_id: campaign,
		status: "ACTIVE",
		daily_budget: 5000,
		billing_event: "IMPRESSIONS",
		optimization_goal: "REACH",
		bid_amount: 500,
		targeting: { ...(audience !== undefined && { custom_audiences: [{ id: audience }] }), ...targeting },
		...adSet,
	});
	const creative = await make("adcreatives", {
		name: "Boots",
		object_story_spec: {
			page_id: "1",
			link_data: { link: "https://boots.example/spring", message: "Half price until Sunday.", name: title },
		},
	});
	const ad = await make("ads", {
		name: "Boots",
		adset_id: adSetId,
		creative: { creative_id: creative },
		status: "ACTIVE",
	});
	return { audience, campaign, adSet: adSetId, ad };
}
