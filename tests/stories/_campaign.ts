/** A company uploads a list of its customers and runs an ad for them, over the Marketing API. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { json } from "@troth/world/_sandbox.ts";
import type { FamilyFacts } from "@troth/world/sandbox-facts.ts";

/** @param phones the customers, E.164 */
export async function runCampaign(family: FamilyFacts, phones: readonly string[]): Promise<void> {
	const post = async (path: string, parameters: object) => {
		const { status, body } = await json(`${family.graphUrl}/v24.0/${path}?access_token=${family.accessToken}`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(parameters),
		});
		assert.equal(status, 200, JSON.stringify(body));
		return body;
	};
	const account = family.adAccountId;
	const audience = await post(`${account}/customaudiences`, {
		name: "People who bought bread",
		subtype: "CUSTOM",
		customer_file_source: "USER_PROVIDED_ONLY",
		troth_list_origin: "own_customers",
		troth_list_basis: "contract",
	});
	const data = phones.map((phone) => [createHash("sha256").update(phone.slice(1)).digest("hex")]);
	const upload = await post(`${audience["id"]}/users`, { payload: { schema: ["PHONE"], data } });
	assert.deepEqual([upload["num_received"], upload["num_invalid_entries"]], [phones.length, 0]);
	const campaign = await post(`${account}/campaigns`, {
		name: "Spring",
		objective: "OUTCOME_TRAFFIC",
		status: "ACTIVE",
		special_ad_categories: [],
	});
	const adSet = await post(`${account}/adsets`, {
		name: "Customers",
		campaign_id: campaign["id"],
		status: "ACTIVE",
		daily_budget: 50_000,
		billing_event: "IMPRESSIONS",
		optimization_goal: "REACH",
		bid_amount: 500,
		targeting: { custom_audiences: [{ id: audience["id"] }] },
	});
	const creative = await post(`${account}/adcreatives`, {
		name: "Rye",
		object_story_spec: {
			page_id: "1",
			link_data: { link: "https://shop.example/rye", message: "Rye bread, still warm.", name: "Rye bread" },
		},
	});
	await post(`${account}/ads`, {
		name: "Rye",
		adset_id: adSet["id"],
		creative: { creative_id: creative["id"] },
		status: "ACTIVE",
	});
}

/** The operator publishes the version that lies ready; gives the answer's status. */
export async function publishNext(messenger: {
	readonly url: string;
	readonly operatorToken: string;
}): Promise<number> {
	const headers = { authorization: `Bearer ${messenger.operatorToken}`, "content-type": "application/json" };
	const { body } = await json(`${messenger.url}/operator/terms`, { headers });
	const next = JSON.stringify(body["next"] ?? body["current"]);
	return (await json(`${messenger.url}/operator/terms`, { method: "POST", headers, body: next })).status;
}
