/** What people write, as inbound webhooks. Each message is told once, however often the device spoke of it. */
import type { ConversationMember, MessageView } from "@troth/client";
import type { ConversationId } from "@troth/protocol";
import type { Transaction } from "kysely";
import { userIdOf, wamidOf } from "../cloud/identifiers.ts";
import type { GatewayContext } from "../context.ts";
import type { GatewayRecords } from "../records/schema.ts";
import { messagesChange } from "../webhooks/payload.ts";
import { addressOf, type Contact, contactOf } from "./contacts.ts";

const PAGE = 64;

/** Call in the conversation's turn. */
export async function hearMessages(
	context: GatewayContext,
	conversation: ConversationId,
	person: ConversationMember,
): Promise<void> {
	const contact = await contactOf(context, person.account, conversation);
	const news = await messagesAfter(context, conversation, contact.heard_key);
	const heardKey = news.at(-1)?.key;
	if (heardKey === undefined) return;
	await context.records.transaction().execute(async (transaction) => {
		for (const message of news) await hear(context, transaction, contact, person, message);
		await transaction
			.updateTable("contact")
			.set({ heard_key: heardKey })
			.where("account_id", "=", person.account)
			.execute();
	});
}

/** Ascending. */
async function messagesAfter(
	{ device }: GatewayContext,
	conversation: ConversationId,
	heardKey: string,
): Promise<readonly MessageView[]> {
	const news: MessageView[] = [];
	for (;;) {
		const before = news[0]?.key;
		const page = await device.messages(conversation, {
			limit: PAGE,
			...(before !== undefined && { beforeKey: before }),
		});
		const fresh = page.filter(({ key }) => key > heardKey);
		news.unshift(...fresh);
		if (page.length < PAGE || fresh.length < page.length) return news;
	}
}

async function hear(
	{ identity, webhooks }: GatewayContext,
	transaction: Transaction<GatewayRecords>,
	contact: Contact,
	person: ConversationMember,
	{ conversation, id, seq, sender, body, timeMs }: MessageView,
): Promise<void> {
	if (sender?.self !== false || body.kind !== "text" || id === undefined || seq === undefined) return;
	const wamid = wamidOf(id);
	const from = addressOf(contact);
	await transaction
		.insertInto("message")
		.values({
			wamid,
			direction: "in",
			conversation,
			seq,
			address: from,
			status: "received",
			callback: null,
			at_ms: timeMs,
		})
		.execute();
	const user = userIdOf(contact.alias);
	const message = {
		from,
		from_user_id: user,
		id: wamid,
		timestamp: Math.floor(timeMs / 1000).toString(),
		type: "text",
		text: { body: body.text },
		...(body.replyTo !== undefined && { context: { from: identity.phone.slice(1), id: wamidOf(body.replyTo) } }),
	};
	const contacts = [{ profile: { name: person.name ?? "" }, wa_id: from, user_id: user }];
	await webhooks.owe(transaction, messagesChange(identity, { contacts, messages: [message] }), {
		lane: contact.account_id,
		dedupe: wamid,
	});
}
