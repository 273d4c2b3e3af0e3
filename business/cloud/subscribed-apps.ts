/** `/{waba}/subscribed_apps`: where webhooks go. */
import * as v from "valibot";
import type { GatewayContext } from "../context.ts";
import { WebhookError } from "../webhooks/handshake.ts";
import { CloudError } from "./errors.ts";
import { ENVELOPE, readBody } from "./read-body.ts";

const Subscription = v.object({
	override_callback_uri: v.optional(v.string()),
	verify_token: v.optional(v.string()),
});

export function getSubscribedApps({ identity, webhooks }: GatewayContext): unknown {
	const { target } = webhooks;
	if (target === undefined) return { data: [] };
	const app = { id: identity.appId, name: identity.name, link: "" };
	return { data: [{ whatsapp_business_api_data: app, override_callback_uri: target }] };
}

/** The handshake comes first. Throws CloudError 100 where the receiver fails it; the earlier one stays then. */
export async function subscribeApp({ webhooks }: GatewayContext, body: unknown): Promise<unknown> {
	const { override_callback_uri: target, verify_token } = readBody(Subscription, body ?? {}, ENVELOPE);
	if (target === undefined) return { success: true };
	try {
		await webhooks.subscribe(target, verify_token);
	} catch (error) {
		if (error instanceof WebhookError) throw new CloudError(100, error.message, { cause: error });
		throw error;
	}
	return { success: true };
}

export async function unsubscribeApp({ webhooks }: GatewayContext): Promise<unknown> {
	await webhooks.unsubscribe();
	return { success: true };
}
