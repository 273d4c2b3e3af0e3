/** The sample business: approved by the operator, with its templates. */
import { SAMPLE_TEMPLATES } from "@troth/business";
import { GATEWAY_CALLS } from "../processes/calls.ts";
import type { BusinessFacts, SampleTemplate } from "../sandbox-facts.ts";
import type { WorldPlan } from "../topology/plan.ts";
import type { RunningWorld } from "../topology/run-world.ts";
import { ask } from "./the-companies.ts";

export interface Shop {
	/** The account that people's devices know it by. */
	readonly account: string;
	readonly phone: string;
	readonly facts: Omit<BusinessFacts, "users" | "inboundWamid">;
	/** The Cloud API's id of the newest message that somebody wrote to it. */
	lastInbound(): Promise<string | undefined>;
}

/** Safe to repeat: at the second start everything is as it was. */
export async function openShop(
	{ secrets, business }: WorldPlan,
	{ messenger, business: gateway }: RunningWorld,
): Promise<Shop> {
	const { name, phone, graphVersion, businessId, wabaId, phoneNumberId, appId, webhookUrl } = business;
	await ask(`${messenger.facts.url}/operator/businesses`, secrets.messengerOperator, { phone, name });
	await gateway.call(GATEWAY_CALLS.putTemplates);
	return {
		account: gateway.facts.account,
		phone,
		facts: {
			url: gateway.facts.url,
			graphVersion,
			businessId,
			wabaId,
			phoneNumberId,
			appId,
			accessToken: business.accessToken,
			appSecret: business.appSecret,
			verifyToken: business.verifyToken,
			...(webhookUrl !== undefined && { webhookUrl }),
			templates: {
				utility: describe(SAMPLE_TEMPLATES.utility),
				marketing: describe(SAMPLE_TEMPLATES.marketing),
				paused: describe(SAMPLE_TEMPLATES.paused),
			},
		},
		async lastInbound() {
			return (await gateway.call(GATEWAY_CALLS.lastInbound)) as string | undefined;
		},
	};
}

function describe({ name, language, body }: { name: string; language: string; body: string }): SampleTemplate {
	return { name, language, bodyVariables: new Set(body.match(/\{\{\d+\}\}/g)).size };
}
