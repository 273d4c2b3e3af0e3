import { hash } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GetPushRequest, GetPushResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

export async function getPush(
	{ wakeUps, records }: Pick<MessengerContext, "wakeUps" | "records">,
	_request: GetPushRequest,
	{ device }: Session,
): Promise<MessageInitShape<typeof GetPushResponseSchema>> {
	if (wakeUps === undefined) return {};
	const row = await records
		.selectFrom("push_subscription")
		.select("endpoint")
		.where("device_id", "=", device)
		.executeTakeFirst();
	return {
		publicKey: wakeUps.publicKey,
		...(row !== undefined && { endpointHash: new Uint8Array(hash("sha256", row.endpoint, "buffer")) }),
	};
}
