import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ListConversationsRequest, ListConversationsResponseSchema } from "@troth/protocol";
import type { Session } from "../context.ts";
import type { ConversationContext } from "./conversation-context.ts";
import { describe, factsOf } from "./describe.ts";

/** The conversations in which the caller's account has a device. */
export async function listConversations(
	{ delivery: { exchange } }: Pick<ConversationContext, "delivery">,
	_request: ListConversationsRequest,
	{ account, device }: Session,
): Promise<MessageInitShape<typeof ListConversationsResponseSchema>> {
	// It asks when it misses a Welcome, too: the hint of one that another node stored may have been lost.
	exchange.lookAgain(device);
	const conversations = [];
	for (const log of await exchange.logs.conversationsOf(account)) {
		const facts = await factsOf(exchange, log);
		if (facts !== undefined) conversations.push(describe(facts));
	}
	return { conversations };
}
