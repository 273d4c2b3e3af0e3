import type { MessageInitShape } from "@bufbuild/protobuf";
import { idBytes, type ListSharesRequest, type ListSharesResponseSchema, Refusal } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** What the share log holds about the caller; nothing where nothing can be shared. Refuses with UNAVAILABLE. */
export async function listShares(
	{ door, events }: MessengerContext,
	request: ListSharesRequest,
	session: Session,
): Promise<MessageInitShape<typeof ListSharesResponseSchema>> {
	if (door === undefined) return {};
	try {
		const { shares, more } = await door.listAccountShares({
			accountId: idBytes(session.account),
			afterN: request.afterN,
		});
		return { shares, more };
	} catch (error) {
		events.failed("list-shares", error);
		throw new Refusal("UNAVAILABLE", "the bridge does not answer now", { cause: error });
	}
}
