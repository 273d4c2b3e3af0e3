/**
 * Whom the business talks to, and under which digits. Somebody it wrote to by number keeps that number in everything
 * that follows (hazard 36); somebody who began, and whose number it does not have, is a pairwise alias.
 */
import { type AccountId, type ConversationId, isRefusal } from "@troth/protocol";
import type { Kysely, Selectable } from "kysely";
import { aliasOf, isAlias } from "../cloud/identifiers.ts";
import { undeliverable } from "../cloud/refusals.ts";
import type { GatewayContext } from "../context.ts";
import type { GatewayRecords } from "../records/schema.ts";

export type Contact = Selectable<GatewayRecords["contact"]>;

/** The digits a contact goes by. */
export function addressOf({ phone, alias }: Contact): string {
	return phone ?? alias;
}

/** The contact behind an address; looks a number up that is new. Throws CloudError 131026 where nobody has it. */
export async function findContact(context: GatewayContext, digits: string): Promise<Contact> {
	const { device, records } = context;
	const known = await records
		.selectFrom("contact")
		.selectAll()
		.where(isAlias(digits) ? "alias" : "phone", "=", digits)
		.executeTakeFirst();
	if (known !== undefined) return known;
	if (isAlias(digits)) throw undeliverable();
	try {
		const { account } = await device.find(`+${digits}`);
		return await rememberContact(context, account, { phone: digits });
	} catch (error) {
		if (isRefusal(error, "NOT_FOUND", "PHONE_INVALID", "DEVICE_LIST_INVALID")) throw undeliverable(error);
		throw error;
	}
}

/** The contact this conversation is with; remembered where it is new. */
export async function contactOf(
	context: GatewayContext,
	account: AccountId,
	conversation: ConversationId,
): Promise<Contact> {
	const known = await context.records
		.selectFrom("contact")
		.selectAll()
		.where("account_id", "=", account)
		.executeTakeFirst();
	return known?.conversation === conversation ? known : rememberContact(context, account, { conversation });
}

/** The contact with what is newly known of it; made where it is new. */
export async function rememberContact(
	{ records, aliasKey }: GatewayContext,
	account: AccountId,
	news: { readonly phone?: string; readonly conversation?: ConversationId },
): Promise<Contact> {
	if (news.phone !== undefined) await forgetHolder(records, account, news.phone);
	return records
		.insertInto("contact")
		.values({
			account_id: account,
			conversation: null,
			phone: null,
			heard_key: "",
			alias: aliasOf(aliasKey, account),
			...news,
		})
		.onConflict((conflict) => conflict.column("account_id").doUpdateSet({ account_id: account, ...news }))
		.returningAll()
		.executeTakeFirstOrThrow();
}

/** The number has another account now: whoever had it goes by their alias again. */
async function forgetHolder(records: Kysely<GatewayRecords>, account: AccountId, phone: string): Promise<void> {
	await records
		.updateTable("contact")
		.set({ phone: null })
		.where("phone", "=", phone)
		.where("account_id", "!=", account)
		.execute();
}

/** The conversation with a contact, begun where there is none. Throws CloudError 131026, or the device's Refusal. */
export async function openConversation(context: GatewayContext, contact: Contact): Promise<ConversationId> {
	if (contact.conversation !== null) return contact.conversation;
	try {
		const conversation = await context.device.openDirect(contact.account_id);
		await rememberContact(context, contact.account_id, { conversation });
		return conversation;
	} catch (error) {
		if (isRefusal(error, "BLOCKED", "NOT_FOUND", "NO_KEY_PACKAGE", "DEVICE_LIST_INVALID")) throw undeliverable(error);
		throw error;
	}
}
