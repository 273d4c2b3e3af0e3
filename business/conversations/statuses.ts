/** How far a message has come, as status webhooks: sent, delivered, read, failed. */
import type { ConversationMember } from "@troth/client";
import type { ConversationId } from "@troth/protocol";
import type { Selectable, Transaction } from "kysely";
import { type CloudError, webhookError } from "../cloud/errors.ts";
import { userIdOf } from "../cloud/identifiers.ts";
import type { GatewayContext } from "../context.ts";
import type { GatewayRecords, MessageStatus } from "../records/schema.ts";
import { messagesChange } from "../webhooks/payload.ts";
import { type Contact, contactOf } from "./contacts.ts";

type Message = Pick<Selectable<GatewayRecords["message"]>, "wamid" | "address" | "callback">;

/** Owes a status. `error` only with `failed`; `contact` is undefined for somebody without an account. */
export async function oweStatus(
	{ identity, webhooks, clock }: GatewayContext,
	transaction: Transaction<GatewayRecords>,
	{ wamid, address, callback }: Message,
	status: MessageStatus,
	{ contact, error }: { readonly contact?: Contact | undefined; readonly error?: CloudError },
): Promise<void> {
	const told = {
		id: wamid,
		status,
		timestamp: Math.floor(clock.now() / 1000).toString(),
		recipient_id: address,
		...(contact !== undefined && { recipient_user_id: userIdOf(contact.alias) }),
		...(callback !== null && { biz_opaque_callback_data: callback }),
		...(error !== undefined && { errors: [webhookError(error)] }),
	};
	await webhooks.owe(transaction, messagesChange(identity, { statuses: [told] }), {
		lane: contact?.account_id ?? address,
		dedupe: `${wamid} ${status}`,
	});
}

/** Everything that this person's devices have, or that they have read, and that was not told yet. In the conversation's turn. */
export async function tellPositions(
	context: GatewayContext,
	conversation: ConversationId,
	{ account, deliveredSeq, readSeq }: ConversationMember,
): Promise<void> {
	const reached = Math.max(deliveredSeq, readSeq);
	const { records } = context;
	const open = await records
		.selectFrom("message")
		.select(["wamid", "address", "callback", "status", "seq"])
		.where("conversation", "=", conversation)
		.where("direction", "=", "out")
		.where("status", "in", ["sent", "delivered"])
		.where("seq", "<=", reached)
		.orderBy("seq")
		.execute();
	const moved = open.filter(({ status, seq }) => status === "sent" || (seq ?? 0) <= readSeq);
	if (moved.length === 0) return;
	const contact = await contactOf(context, account, conversation);
	await records.transaction().execute(async (transaction) => {
		for (const { seq, status, ...message } of moved) {
			const read = (seq ?? 0) <= readSeq;
			if (status === "sent") await oweStatus(context, transaction, message, "delivered", { contact });
			if (read) await oweStatus(context, transaction, message, "read", { contact });
			await transaction
				.updateTable("message")
				.set({ status: read ? "read" : "delivered" })
				.where("wamid", "=", message.wamid)
				.execute();
		}
	});
}
