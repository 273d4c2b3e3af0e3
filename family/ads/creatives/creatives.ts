/** Creatives: POST and GET /act_{id}/adcreatives; GET and DELETE /{creative}. What an ad shows never changes. */
import * as v from "valibot";
import type { GraphContext } from "../../graph/context.ts";
import type { GraphCall, GraphEndpoint } from "../../graph/endpoint.ts";
import { type GraphFields, type GraphValue, readFields, selectFields } from "../../graph/fields.ts";
import { answerList } from "../../graph/listing.ts";
import { requireOwnAccount } from "../../graph/own-account.ts";
import { jsonOr, Name, readParameters } from "../../graph/parameters.ts";
import { found, isoTime } from "../objects.ts";
import type { CreativeRow } from "../tables.ts";

const Input = v.object({
	name: v.optional(Name, "Untitled"),
	object_story_spec: jsonOr(
		v.object({
			page_id: v.optional(v.union([v.string(), v.number()])),
			link_data: jsonOr(
				v.object({
					link: v.pipe(v.string(), v.maxLength(2000), v.url()),
					message: v.optional(v.pipe(v.string(), v.maxLength(5000)), ""),
					name: v.optional(v.pipe(v.string(), v.maxLength(1000)), ""),
				}),
			),
		}),
	),
});

export async function findCreative(
	{ records }: Pick<GraphContext, "records">,
	{ account }: Pick<GraphCall, "account">,
	id: string,
): Promise<CreativeRow> {
	return found(
		await records
			.selectFrom("creative")
			.selectAll()
			.where("creative_id", "=", id)
			.where("account_id", "=", account.account_id)
			.executeTakeFirst(),
	);
}

function creativeFields(creative: CreativeRow): GraphFields {
	return {
		id: creative.creative_id,
		account_id: creative.account_id,
		name: creative.name,
		status: creative.status,
		title: creative.title,
		body: creative.message,
		link_url: creative.link,
		object_story_spec: JSON.parse(creative.story) as GraphValue,
		created_time: isoTime(creative.created_at_ms),
	};
}

const createCreative: GraphEndpoint = {
	method: "POST",
	node: "account",
	edge: "adcreatives",
	async answer({ records, clock, ids }, call) {
		requireOwnAccount(call);
		const { name, object_story_spec } = readParameters(Input, call.parameters);
		const { link, message, name: title } = object_story_spec.link_data;
		const creative_id = ids.next("creative");
		const now = clock.now();
		await records
			.insertInto("creative")
			.values({
				creative_id,
				account_id: call.account.account_id,
				name,
				status: "ACTIVE",
				title,
				message,
				link,
				story: JSON.stringify(object_story_spec),
				created_at_ms: now,
				updated_at_ms: now,
			})
			.execute();
		return { id: creative_id };
	},
};

const listCreatives: GraphEndpoint = {
	method: "GET",
	node: "account",
	edge: "adcreatives",
	answer({ records }, call) {
		requireOwnAccount(call);
		return answerList(call, {
			query: records
				.selectFrom("creative")
				.selectAll()
				.where("account_id", "=", call.account.account_id)
				.where("status", "!=", "DELETED"),
			id: "creative_id",
			filters: { id: "creative_id", name: "name" },
			fields: creativeFields,
		});
	},
};

const getCreative: GraphEndpoint = {
	method: "GET",
	node: "creative",
	edge: "",
	async answer(context, call) {
		return selectFields(creativeFields(await findCreative(context, call, call.node)), readFields(call.parameters));
	},
};

const deleteCreative: GraphEndpoint = {
	method: "DELETE",
	node: "creative",
	edge: "",
	async answer(context, call) {
		const { creative_id } = await findCreative(context, call, call.node);
		await context.records
			.updateTable("creative")
			.set({ status: "DELETED", updated_at_ms: context.clock.now() })
			.where("creative_id", "=", creative_id)
			.execute();
		return { success: true };
	},
};

export const CREATIVES = [createCreative, listCreatives, getCreative, deleteCreative];
