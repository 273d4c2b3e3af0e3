/** Campaigns: POST and GET /act_{id}/campaigns; GET, POST and DELETE /{campaign}. */
import * as v from "valibot";
import type { GraphContext } from "../../graph/context.ts";
import type { GraphCall, GraphEndpoint } from "../../graph/endpoint.ts";
import { type GraphFields, readFields, selectFields } from "../../graph/fields.ts";
import { answerList } from "../../graph/listing.ts";
import { requireOwnAccount } from "../../graph/own-account.ts";
import { jsonOr, Name, readParameters } from "../../graph/parameters.ts";
import { ChangedStatus, found, isoTime, Money, money, NewStatus } from "../objects.ts";
import type { CampaignRow } from "../tables.ts";

const OBJECTIVES = [
	"OUTCOME_AWARENESS",
	"OUTCOME_TRAFFIC",
	"OUTCOME_ENGAGEMENT",
	"OUTCOME_LEADS",
	"OUTCOME_APP_PROMOTION",
	"OUTCOME_SALES",
] as const;

const SPECIAL_CATEGORIES = [
	"NONE",
	"EMPLOYMENT",
	"HOUSING",
	"CREDIT",
	"FINANCIAL_PRODUCTS_SERVICES",
	"ISSUES_ELECTIONS_POLITICS",
	"ONLINE_GAMBLING_AND_GAMING",
] as const;

const Input = v.object({
	name: Name,
	objective: v.picklist(OBJECTIVES),
	status: NewStatus,
	// Required, so that nobody can have forgotten to think about it; an empty list says "none".
	special_ad_categories: jsonOr(v.union([v.array(v.picklist(SPECIAL_CATEGORIES)), v.picklist(SPECIAL_CATEGORIES)])),
	daily_budget: v.optional(Money),
	lifetime_budget: v.optional(Money),
	spend_cap: v.optional(Money),
	buying_type: v.optional(v.literal("AUCTION")),
});

const Change = v.object({
	name: v.optional(Name),
	status: ChangedStatus,
	daily_budget: v.optional(Money),
	lifetime_budget: v.optional(Money),
	spend_cap: v.optional(Money),
});

export async function findCampaign(
	{ records }: Pick<GraphContext, "records">,
	{ account }: Pick<GraphCall, "account">,
	id: string,
): Promise<CampaignRow> {
	return found(
		await records
			.selectFrom("campaign")
			.selectAll()
			.where("campaign_id", "=", id)
			.where("account_id", "=", account.account_id)
			.executeTakeFirst(),
	);
}

/** The categories that narrow what an ad may be targeted by. */
export function specialCategories(campaign: Pick<CampaignRow, "special_ad_categories">): readonly string[] {
	return (JSON.parse(campaign.special_ad_categories) as string[]).filter((category) => category !== "NONE");
}

function campaignFields(campaign: CampaignRow): GraphFields {
	return {
		id: campaign.campaign_id,
		account_id: campaign.account_id,
		name: campaign.name,
		objective: campaign.objective,
		buying_type: "AUCTION",
		status: campaign.status,
		configured_status: campaign.status,
		effective_status: campaign.status,
		special_ad_categories: JSON.parse(campaign.special_ad_categories) as string[],
		daily_budget: money(campaign.daily_budget),
		lifetime_budget: money(campaign.lifetime_budget),
		spend_cap: money(campaign.spend_cap),
		created_time: isoTime(campaign.created_at_ms),
		updated_time: isoTime(campaign.updated_at_ms),
	};
}

const createCampaign: GraphEndpoint = {
	method: "POST",
	node: "account",
	edge: "campaigns",
	async answer({ records, clock, ids }, call) {
		requireOwnAccount(call);
		const input = readParameters(Input, call.parameters);
		const categories = [input.special_ad_categories].flat();
		const campaign_id = ids.next("campaign");
		const now = clock.now();
		await records
			.insertInto("campaign")
			.values({
				campaign_id,
				account_id: call.account.account_id,
				name: input.name,
				objective: input.objective,
				status: input.status,
				special_ad_categories: JSON.stringify(categories),
				daily_budget: input.daily_budget ?? null,
				lifetime_budget: input.lifetime_budget ?? null,
				spend_cap: input.spend_cap ?? null,
				created_at_ms: now,
				updated_at_ms: now,
			})
			.execute();
		return { id: campaign_id };
	},
};

const listCampaigns: GraphEndpoint = {
	method: "GET",
	node: "account",
	edge: "campaigns",
	answer({ records }, call) {
		requireOwnAccount(call);
		return answerList(call, {
			query: records
				.selectFrom("campaign")
				.selectAll()
				.where("account_id", "=", call.account.account_id)
				.where("status", "!=", "DELETED"),
			id: "campaign_id",
			filters: { id: "campaign_id", name: "name", status: "status", effective_status: "status" },
			fields: campaignFields,
		});
	},
};

const getCampaign: GraphEndpoint = {
	method: "GET",
	node: "campaign",
	edge: "",
	async answer(context, call) {
		return selectFields(campaignFields(await findCampaign(context, call, call.node)), readFields(call.parameters));
	},
};

async function change(context: GraphContext, call: GraphCall, input: v.InferOutput<typeof Change>) {
	const { campaign_id } = await findCampaign(context, call, call.node);
	const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
	await context.records
		.updateTable("campaign")
		.set({ ...given, updated_at_ms: context.clock.now() })
		.where("campaign_id", "=", campaign_id)
		.execute();
	return { success: true };
}

const updateCampaign: GraphEndpoint = {
	method: "POST",
	node: "campaign",
	edge: "",
	answer: async (context, call) => change(context, call, readParameters(Change, call.parameters)),
};

const deleteCampaign: GraphEndpoint = {
	method: "DELETE",
	node: "campaign",
	edge: "",
	answer: (context, call) => change(context, call, { status: "DELETED" }),
};

export const CAMPAIGNS = [createCampaign, listCampaigns, getCampaign, updateCampaign, deleteCampaign];
