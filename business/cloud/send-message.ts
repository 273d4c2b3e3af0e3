/**
 * `POST /{phone}/messages`. The answer comes after the messenger has stored the message durably. What only the receiver
 * can decide is told as a `failed` status, where clients that were written for the Cloud API wait for it: that somebody
 * can not be reached in no other way, as there, and what they can do something about (window, consent) at once, too.
 */
import { randomBytes } from "node:crypto";
import type { BusinessMessage } from "@troth/client";
import { type ConversationId, type MessageId, sleep, toHex } from "@troth/protocol";
import type { GatewayContext } from "../context.ts";
import { addressOf, type Contact, findContact, openConversation } from "../conversations/contacts.ts";
import { followPositions } from "../conversations/follow.ts";
import { oweStatus } from "../conversations/statuses.ts";
import { findTemplate } from "../templates/templates.ts";
import { CloudError, type CloudErrorCode } from "./errors.ts";
import { messageOfWamid, userIdOf, wamidOf } from "./identifiers.ts";
import type { SendRequest } from "./message-body.ts";
import { toCloudError } from "./refusals.ts";
import { fillTemplate } from "./template-request.ts";

/** Accepted, and failed in a status: with no account, a block or an old client behind it, the answer is the same. */
const UNDELIVERABLE: CloudErrorCode = 131026;
/** Codes that the Cloud API tells later, in a status, and we at once as well. */
const TOLD_TWICE: ReadonlySet<CloudErrorCode> = new Set([131047, 131050]);
/** How long the messenger may take before the client is told to try again. */
const PATIENCE_MS = 60_000;

interface Attempt {
	contact: Contact | undefined;
	message: MessageId | undefined;
}

/** Throws CloudError. */
export async function sendMessage(context: GatewayContext, request: SendRequest): Promise<unknown> {
	const { identity } = context;
	if (`+${request.digits}` === identity.phone) throw new CloudError(131021, "the recipient is the sender");
	const attempt: Attempt = { contact: undefined, message: undefined };
	try {
		return await send(context, request, attempt);
	} catch (error) {
		const refused = toCloudError(error);
		const undeliverable = refused.code === UNDELIVERABLE;
		if (!undeliverable && !TOLD_TWICE.has(refused.code)) throw refused;
		const wamid = await tellFailed(context, request, attempt, refused);
		if (!undeliverable) throw refused;
		return accepted(request, attempt.contact, wamid);
	}
}

/** Without an account there is no `wa_id`. */
function accepted(request: SendRequest, contact: Contact | undefined, wamid: string): unknown {
	const who = contact === undefined ? {} : { wa_id: addressOf(contact), user_id: userIdOf(contact.alias) };
	return {
		messaging_product: "whatsapp",
		contacts: [{ input: request.input, ...who }],
		messages: [{ id: wamid, message_status: "accepted" }],
	};
}

async function send(context: GatewayContext, request: SendRequest, attempt: Attempt): Promise<unknown> {
	const template =
		request.message.kind === "template"
			? fillTemplate(
					request.message,
					await findTemplate(context.records, request.message.name, request.message.language),
				)
			: undefined;
	const replyTo = await findAnswered(context, request.repliesTo);
	const contact = await findContact(context, request.digits);
	attempt.contact = contact;
	const message = await permitted(context, contact, template ?? { kind: "service", text: textOf(request) });
	const conversation = await openConversation(context, contact);
	const { id, delivery } = await context.device.send(conversation, message, replyTo);
	if (id === undefined || delivery === undefined) throw new TypeError("an own message has an id");
	attempt.message = id;
	const { seq } = await inTime(context, context.device.stored(conversation, id));
	await recordSent(context, request, contact, conversation, id, seq);
	return accepted(request, contact, wamidOf(id));
}

function textOf({ message }: SendRequest): string {
	return message.kind === "text" ? message.text : "";
}

/** The message that is answered, which has to be one of this gateway's conversations. */
async function findAnswered({ records }: GatewayContext, wamid: string | undefined): Promise<MessageId | undefined> {
	if (wamid === undefined) return undefined;
	const row = await records.selectFrom("message").select("wamid").where("wamid", "=", wamid).executeTakeFirst();
	const message = row && messageOfWamid(row.wamid);
	if (message === undefined) throw new CloudError(131009, "the parameter context.message_id names no known message");
	return message;
}

/**
 * The message with the receipt it needs. What the messenger would refuse anyway is refused before a conversation is
 * begun with somebody who would see nothing but an empty chat.
 */
async function permitted(
	{ device }: GatewayContext,
	contact: Contact,
	message: BusinessMessage,
): Promise<BusinessMessage> {
	if (message.kind === "service") {
		if (contact.conversation !== null) return message;
		throw new CloudError(131047, "the customer has not written yet: begin with a template");
	}
	const { purpose } = message.template;
	const { permission, consentId } = await device.consentReceipt(contact.account_id, purpose);
	if (permission === "stopped" || (purpose === "marketing" && permission !== "allowed"))
		throw new CloudError(131050, `no consent: ${purpose}`);
	return { ...message, consentId };
}

/** Rejects with CloudError 131016 where it takes too long; the message stays in the device's outbox and may still go. */
async function inTime<T>({ clock }: GatewayContext, work: Promise<T>): Promise<T> {
	const answered = new AbortController();
	const late = sleep(clock, PATIENCE_MS, answered.signal).then(() => {
		throw new CloudError(131016, "the messenger did not answer in time; the message may still be sent");
	});
	late.catch(() => {});
	return Promise.race([work, late]).finally(() => answered.abort());
}

async function recordSent(
	context: GatewayContext,
	request: SendRequest,
	contact: Contact,
	conversation: ConversationId,
	id: MessageId,
	seq: number,
): Promise<void> {
	const message = { wamid: wamidOf(id), address: addressOf(contact), callback: request.callback ?? null };
	await context.records.transaction().execute(async (transaction) => {
		await transaction
			.insertInto("message")
			.values({ ...message, direction: "out", conversation, seq, status: "sent", at_ms: context.clock.now() })
			.execute();
		await oweStatus(context, transaction, message, "sent", { contact });
	});
	context.webhooks.wake();
	// They may have it already.
	followPositions(context, conversation);
}

async function tellFailed(
	context: GatewayContext,
	request: SendRequest,
	{ contact, message }: Attempt,
	error: CloudError,
): Promise<string> {
	const wamid = wamidOf(message ?? (toHex(randomBytes(16)) as MessageId));
	const told = {
		wamid,
		address: contact === undefined ? request.digits : addressOf(contact),
		callback: request.callback ?? null,
	};
	await context.records
		.transaction()
		.execute((transaction) => oweStatus(context, transaction, told, "failed", { contact, error }));
	context.webhooks.wake();
	return wamid;
}
