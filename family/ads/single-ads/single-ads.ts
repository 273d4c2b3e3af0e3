/** Ads: POST and GET /act_{id}/ads, GET /{campaign}/ads, /{adset}/ads; GET, POST and DELETE /{ad}. */
import * as v from "valibot";
import type { GraphContext } from "../../graph/context.ts";
import type { GraphCall, GraphEndpoint } from "../../graph/endpoint.ts";
import { type GraphFields, readFields, selectFields } from "../../graph/fields.ts";
import { GraphError } from "../../graph/graph-error.ts";
import type { NodeKind } from "../../graph/ids.ts";
import { answerList } from "../../graph/listing.ts";
import { requireOwnAccount } from "../../graph/own-account.ts";
import { GraphId, jsonOr, Name, readParameters } from "../../graph/parameters.ts";
import { findAdSet } from "../ad-sets/ad-sets.ts";
import { findCreative } from "../creatives/creatives.ts";
import { ChangedStatus, found, isoTime, NewStatus } from "../objects.ts";
import { reviewAd } from "../review.ts";
import type { AdRow } from "../tables.ts";

const Input = v.object({
	name: Name,
	adset_id: GraphId,
	creative: jsonOr(v.object({ creative_id: GraphId })),
	status: NewStatus,
});

const Change = v.object({ name: v.optional(Name), status: ChangedStatus });

type AdWithAbove = AdRow & {
	readonly campaign_id: string;
	readonly ad_set_status: string;
	readonly campaign_status: string;
};

const withAbove = ({ records }: Pick<GraphContext, "records">, { account }: Pick<GraphCall, "account">) =>
	records
		.selectFrom("ad")
		.innerJoin("ad_set", "ad_set.ad_set_id", "ad.ad_set_id")
		.innerJoin("campaign", "campaign.campaign_id", "ad_set.campaign_id")
		.selectAll("ad")
		.select(["campaign.campaign_id", "ad_set.status as ad_set_status", "campaign.status as campaign_status"])
		.where("ad.account_id", "=", account.account_id);

function effectiveStatus(ad: AdWithAbove): string {
	if (ad.status === "DELETED" || ad.status === "ARCHIVED") return ad.status;
	if (ad.review_reason !== null) return "DISAPPROVED";
	if (ad.status !== "ACTIVE") return ad.status;
	if (ad.ad_set_status !== "ACTIVE") return "ADSET_PAUSED";
	return ad.campaign_status === "ACTIVE" ? "ACTIVE" : "CAMPAIGN_PAUSED";
}

function adFields(ad: AdWithAbove): GraphFields {
	return {
		id: ad.ad_id,
		account_id: ad.account_id,
		campaign_id: ad.campaign_id,
		adset_id: ad.ad_set_id,
		name: ad.name,
		status: ad.status,
		configured_status: ad.status,
		effective_status: effectiveStatus(ad),
		creative: { id: ad.creative_id },
		ad_review_feedback: ad.review_reason === null ? {} : { global: { review: ad.review_reason } },
		created_time: isoTime(ad.created_at_ms),
		updated_time: isoTime(ad.updated_at_ms),
	};
}

const createAd: GraphEndpoint = {
	method: "POST",
	node: "account",
	edge: "ads",
	async answer(context, call) {
		requireOwnAccount(call);
		const { records, clock, ids } = context;
		const input = readParameters(Input, call.parameters);
		const adSet = await findAdSet(context, call, input.adset_id);
		if (adSet.status === "DELETED") throw new GraphError("invalidParameter", "the ad set is deleted");
		const creative = await findCreative(context, call, input.creative.creative_id);
		const ad_id = ids.next("ad");
		const now = clock.now();
		await records
			.insertInto("ad")
			.values({
				ad_id,
				account_id: call.account.account_id,
				ad_set_id: adSet.ad_set_id,
				creative_id: creative.creative_id,
				name: input.name,
				status: input.status,
				review_reason: reviewAd(creative) ?? null,
				impressions: 0,
				hides: 0,
				created_at_ms: now,
				updated_at_ms: now,
			})
			.execute();
		return { id: ad_id };
	},
};

/** The same list from three places: of an account, a campaign, an ad set. */
function listAds(node: NodeKind, column: "ad.account_id" | "campaign.campaign_id" | "ad.ad_set_id"): GraphEndpoint {
	return {
		method: "GET",
		node,
		edge: "ads",
		answer(context, call) {
			if (node === "account") requireOwnAccount(call);
			return answerList(call, {
				query: withAbove(context, call)
					.where(({ eb, ref, val }) => eb(ref(column), "=", val(call.node)))
					.where("ad.status", "!=", "DELETED"),
				id: "ad_id",
				filters: { id: "ad_id", name: "ad.name", status: "ad.status" },
				fields: adFields,
			});
		},
	};
}

async function findAd(context: GraphContext, call: GraphCall): Promise<AdWithAbove> {
	return found(await withAbove(context, call).where("ad_id", "=", call.node).executeTakeFirst());
}

const getAd: GraphEndpoint = {
	method: "GET",
	node: "ad",
	edge: "",
	async answer(context, call) {
		return selectFields(adFields(await findAd(context, call)), readFields(call.parameters));
	},
};

async function change(context: GraphContext, call: GraphCall, { name, status }: v.InferOutput<typeof Change>) {
	const { ad_id } = await findAd(context, call);
	await context.records
		.updateTable("ad")
		.set({
			updated_at_ms: context.clock.now(),
			...(name !== undefined && { name }),
			...(status !== undefined && { status }),
		})
		.where("ad_id", "=", ad_id)
		.execute();
	return { success: true };
}

const updateAd: GraphEndpoint = {
	method: "POST",
	node: "ad",
	edge: "",
	answer: async (context, call) => change(context, call, readParameters(Change, call.parameters)),
};

const deleteAd: GraphEndpoint = {
	method: "DELETE",
	node: "ad",
	edge: "",
	answer: (context, call) => change(context, call, { status: "DELETED" }),
};

export const SINGLE_ADS = [
	createAd,
	listAds("account", "ad.account_id"),
	listAds("campaign", "campaign.campaign_id"),
	listAds("adset", "ad.ad_set_id"),
	getAd,
	updateAd,
	deleteAd,
];
