/** `POST /{phone}/messages` with `status: read`: the person sees that their message was read, and typing if asked. */
import type { GatewayContext } from "../context.ts";
import { CloudError } from "./errors.ts";
import type { ReadRequest } from "./message-body.ts";

/** Throws CloudError 131009 for a message that never came in here. */
export async function markRead({ records, device }: GatewayContext, { wamid, typing }: ReadRequest): Promise<unknown> {
	const row = await records
		.selectFrom("message")
		.select(["conversation", "seq"])
		.where("wamid", "=", wamid)
		.where("direction", "=", "in")
		.executeTakeFirst();
	if (row === undefined || row.seq === null)
		throw new CloudError(131009, "the parameter message_id names no inbound message");
	await device.markRead(row.conversation, row.seq);
	if (typing) await device.typing(row.conversation, true);
	await records.updateTable("message").set({ status: "read" }).where("wamid", "=", wamid).execute();
	return { success: true };
}
