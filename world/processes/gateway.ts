/** The gateway of the sample business as a process of its own: it alone has the business's keys. */
import { type GatewayOptions, SAMPLE_TEMPLATES, startGateway } from "@troth/business";
import { serve } from "../supervision/serve.ts";
import { GATEWAY_CALLS } from "./calls.ts";

export type GatewayProcessOptions = Omit<GatewayOptions, "clock" | "code" | "log">;

export interface GatewayFacts {
	readonly url: string;
	readonly account: string;
}

serve<GatewayProcessOptions, GatewayFacts>(async (options, { clock, codeFor }) => {
	const gateway = await startGateway({ ...options, clock, code: () => codeFor(options.phone) });
	return {
		facts: { url: gateway.url, account: gateway.account },
		calls: {
			[GATEWAY_CALLS.putTemplates]: async () => {
				for (const template of Object.values(SAMPLE_TEMPLATES)) await gateway.putTemplate(template);
			},
			[GATEWAY_CALLS.lastInbound]: () => gateway.lastInbound(),
		},
		[Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
	};
});
