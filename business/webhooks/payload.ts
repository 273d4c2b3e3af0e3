/** A webhook's bytes and its signature. */
import { createHmac } from "node:crypto";
import { digitsOf } from "../cloud/identifiers.ts";
import type { BusinessIdentity } from "../context.ts";

/** One `{field, value}` of a webhook. */
export interface Change {
	readonly field: "messages";
	readonly value: Readonly<Record<string, unknown>>;
}

/** A change of the field `messages` with what every one of them carries. */
export function messagesChange(identity: BusinessIdentity, value: Readonly<Record<string, unknown>>): Change {
	const metadata = { display_phone_number: digitsOf(identity.phone), phone_number_id: identity.phoneNumberId };
	return { field: "messages", value: { messaging_product: "whatsapp", metadata, ...value } };
}

/**
 * The body of a POST, ASCII only: some receivers escape the body before they check the signature, others do not, and
 * only bytes that are the same in both ways pass at all of them (specification, section 7).
 */
export function webhookBody({ wabaId }: BusinessIdentity, changeJson: string): string {
	const body = `{"object":"whatsapp_business_account","entry":[{"id":${JSON.stringify(wabaId)},"changes":[${changeJson}]}]}`;
	return body.replaceAll(
		/[\u007f-\uffff]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

/** `X-Hub-Signature-256`: over exactly these bytes. */
export function webhookSignature(appSecret: string, body: string): string {
	return `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`;
}
