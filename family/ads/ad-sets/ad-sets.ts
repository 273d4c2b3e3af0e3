/** Ad sets: POST and GET /act_{id}/adsets, GET /{campaign}/adsets; GET, POST and DELETE /{adset}. */
import * as v from "valibot";
import type { GraphContext } from "../../graph/context.ts";
import type { GraphCall, GraphEndpoint } from "../../graph/endpoint.ts";
import { type GraphFields, type GraphValue, readFields, selectFields } from "../../graph/fields.ts";
import { GraphError } from "../../graph/graph-error.ts";
import { answerList } from "../../graph/listing.ts";
import { requireOwnAccount } from "../../graph/own-account.ts";
import { GraphId, jsonOr, Name, readParameters, WholeNumber } from "../../graph/parameters.ts";
import { findCampaign, specialCategories } from "../campaigns/campaigns.ts";
import { ChangedStatus, found, isoTime, Money, money, NewStatus, Time } from "../objects.ts";
import type { AdSetRow } from "../tables.ts";
import { checkTargeting, Targeting } from "../targeting.ts";

/** Where no bid is given: minor units for a thousand impressions. The auction's price is what others make necessary. */
const AUTOMATIC_BID = 1000;

const Bid = v.pipe(Money, v.minValue(1));
const Frequency = jsonOr(
	v.array(
		v.object({
			event: v.literal("IMPRESSIONS"),
			interval_days: v.pipe(WholeNumber, v.minValue(1), v.maxValue(90)),
			max_frequency: v.pipe(WholeNumber, v.minValue(1), v.maxValue(1000)),
		}),
	),
);

const Input = v.object({
	name: Name,
	campaign_id: GraphId,
	status: NewStatus,
	billing_event: v.literal("IMPRESSIONS"),
	optimization_goal: v.picklist(["REACH", "IMPRESSIONS", "LINK_CLICKS", "LANDING_PAGE_VIEWS", "AD_RECALL_LIFT"]),
	bid_amount: v.optional(Bid, AUTOMATIC_BID),
	daily_budget: v.optional(Money),
	lifetime_budget: v.optional(Money),
	start_time: v.optional(Time),
	end_time: v.optional(Time),
	frequency_control_specs: v.optional(Frequency, []),
	targeting: Targeting,
	dsa_payor: v.optional(Name),
	dsa_beneficiary: v.optional(Name),
});

const Change = v.object({
	name: v.optional(Name),
	status: ChangedStatus,
	bid_amount: v.optional(Bid),
	daily_budget: v.optional(Money),
	lifetime_budget: v.optional(Money),
});

export async function findAdSet(
	{ records }: Pick<GraphContext, "records">,
	{ account }: Pick<GraphCall, "account">,
	id: string,
) {
	return found(
		await records
			.selectFrom("ad_set")
			.innerJoin("campaign", "campaign.campaign_id", "ad_set.campaign_id")
			.selectAll("ad_set")
			.select("campaign.status as campaign_status")
			.where("ad_set_id", "=", id)
			.where("ad_set.account_id", "=", account.account_id)
			.executeTakeFirst(),
	);
}

function adSetFields(adSet: AdSetRow & { readonly campaign_status: string }): GraphFields {
	const paused = adSet.status === "ACTIVE" && adSet.campaign_status !== "ACTIVE";
	return {
		id: adSet.ad_set_id,
		account_id: adSet.account_id,
		campaign_id: adSet.campaign_id,
		name: adSet.name,
		status: adSet.status,
		configured_status: adSet.status,
		effective_status: paused ? "CAMPAIGN_PAUSED" : adSet.status,
		billing_event: adSet.billing_event,
		optimization_goal: adSet.optimization_goal,
		bid_amount: adSet.bid_amount,
		daily_budget: money(adSet.daily_budget),
		lifetime_budget: money(adSet.lifetime_budget),
		start_time: isoTime(adSet.starts_at_ms),
		end_time: isoTime(adSet.ends_at_ms),
		frequency_control_specs:
			adSet.frequency_days === null
				? []
				: [{ event: "IMPRESSIONS", interval_days: adSet.frequency_days, max_frequency: adSet.frequency_most }],
		targeting: targetingFields(adSet),
		dsa_payor: adSet.payor,
		dsa_beneficiary: adSet.beneficiary,
		created_time: isoTime(adSet.created_at_ms),
		updated_time: isoTime(adSet.updated_at_ms),
	};
}

/** Lists are objects with an id on the way out, however they came in. */
function targetingFields({ targeting }: AdSetRow): GraphValue {
	const { custom_audiences: included, excluded_custom_audiences: excluded, ...others } = v.parse(Targeting, targeting);
	return {
		...(others as GraphFields),
		custom_audiences: included.map((id) => ({ id })),
		excluded_custom_audiences: excluded.map((id) => ({ id })),
	};
}

const createAdSet: GraphEndpoint = {
	method: "POST",
	node: "account",
	edge: "adsets",
	async answer(context, call) {
		requireOwnAccount(call);
		const { records, clock, ids } = context;
		const input = readParameters(Input, call.parameters);
		const campaign = await findCampaign(context, call, input.campaign_id);
		if (campaign.status === "DELETED") throw new GraphError("invalidParameter", "the campaign is deleted");
		checkTargeting(input.targeting, specialCategories(campaign).length > 0);
		checkBudget(input, campaign.daily_budget !== null || campaign.lifetime_budget !== null);
		const lists = [
			...input.targeting.custom_audiences.map((audience_id) => ({ audience_id, role: "include" as const })),
			...input.targeting.excluded_custom_audiences.map((audience_id) => ({ audience_id, role: "exclude" as const })),
		];
		await requireOwnLists(context, call, new Set(lists.map(({ audience_id }) => audience_id)));
		const ad_set_id = ids.next("adset");
		const now = clock.now();
		const [frequency] = input.frequency_control_specs;
		await records.transaction().execute(async (transaction) => {
			await transaction
				.insertInto("ad_set")
				.values({
					ad_set_id,
					account_id: call.account.account_id,
					campaign_id: input.campaign_id,
					name: input.name,
					status: input.status,
					billing_event: input.billing_event,
					optimization_goal: input.optimization_goal,
					bid_amount: input.bid_amount,
					daily_budget: input.daily_budget ?? null,
					lifetime_budget: input.lifetime_budget ?? null,
					starts_at_ms: input.start_time ?? null,
					ends_at_ms: input.end_time ?? null,
					frequency_days: frequency?.interval_days ?? null,
					frequency_most: frequency?.max_frequency ?? null,
					targeting: JSON.stringify(input.targeting),
					payor: input.dsa_payor ?? call.account.name,
					beneficiary: input.dsa_beneficiary ?? call.account.name,
					created_at_ms: now,
					updated_at_ms: now,
				})
				.execute();
			if (lists.length === 0) return;
			await transaction
				.insertInto("ad_set_audience")
				.values(lists.map((list) => ({ ad_set_id, ...list })))
				.onConflict((conflict) => conflict.doNothing())
				.execute();
		});
		return { id: ad_set_id };
	},
};

function checkBudget(input: v.InferOutput<typeof Input>, ofCampaign: boolean): void {
	if (input.lifetime_budget !== undefined && input.end_time === undefined) {
		throw new GraphError("invalidParameter", "end_time is required with a lifetime_budget");
	}
	if (!ofCampaign && input.daily_budget === undefined && input.lifetime_budget === undefined) {
		throw new GraphError("invalidParameter", "daily_budget or lifetime_budget is required, here or in the campaign");
	}
}

/** Another account's list is answered like one that does not exist. */
async function requireOwnLists(
	{ records }: GraphContext,
	{ account }: GraphCall,
	lists: ReadonlySet<string>,
): Promise<void> {
	if (lists.size === 0) return;
	const own = await records
		.selectFrom("audience")
		.select("audience_id")
		.where("account_id", "=", account.account_id)
		.where("audience_id", "in", [...lists])
		.execute();
	if (own.length < lists.size) throw new GraphError("noSuchObject", "targeting names an audience that does not exist");
}

const listed = ({ records }: GraphContext, { account }: GraphCall) =>
	records
		.selectFrom("ad_set")
		.innerJoin("campaign", "campaign.campaign_id", "ad_set.campaign_id")
		.selectAll("ad_set")
		.select("campaign.status as campaign_status")
		.where("ad_set.account_id", "=", account.account_id)
		.where("ad_set.status", "!=", "DELETED");

const FILTERS = { id: "ad_set_id", name: "ad_set.name", status: "ad_set.status" };

const listAdSets: GraphEndpoint = {
	method: "GET",
	node: "account",
	edge: "adsets",
	answer(context, call) {
		requireOwnAccount(call);
		return answerList(call, { query: listed(context, call), id: "ad_set_id", filters: FILTERS, fields: adSetFields });
	},
};

const listAdSetsOfCampaign: GraphEndpoint = {
	method: "GET",
	node: "campaign",
	edge: "adsets",
	answer: (context, call) =>
		answerList(call, {
			query: listed(context, call).where("ad_set.campaign_id", "=", call.node),
			id: "ad_set_id",
			filters: FILTERS,
			fields: adSetFields,
		}),
};

const getAdSet: GraphEndpoint = {
	method: "GET",
	node: "adset",
	edge: "",
	async answer(context, call) {
		return selectFields(adSetFields(await findAdSet(context, call, call.node)), readFields(call.parameters));
	},
};

async function change(context: GraphContext, call: GraphCall, input: v.InferOutput<typeof Change>) {
	const { ad_set_id } = await findAdSet(context, call, call.node);
	const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
	await context.records
		.updateTable("ad_set")
		.set({ ...given, updated_at_ms: context.clock.now() })
		.where("ad_set_id", "=", ad_set_id)
		.execute();
	return { success: true };
}

const updateAdSet: GraphEndpoint = {
	method: "POST",
	node: "adset",
	edge: "",
	answer: async (context, call) => change(context, call, readParameters(Change, call.parameters)),
};

const deleteAdSet: GraphEndpoint = {
	method: "DELETE",
	node: "adset",
	edge: "",
	answer: (context, call) => change(context, call, { status: "DELETED" }),
};

export const AD_SETS = [createAdSet, listAdSets, listAdSetsOfCampaign, getAdSet, updateAdSet, deleteAdSet];
