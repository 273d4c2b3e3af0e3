import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type ConversationId,
	type GetConversationRequest,
	type GetConversationResponseSchema,
	Refusal,
	readId,
} from "@troth/protocol";
import type { Session } from "../context.ts";
import { accessOf } from "./access.ts";
import type { ConversationContext } from "./conversation-context.ts";
import { describe, factsOf } from "./describe.ts";

/**
 * A conversation and the GroupInfo of its epoch, for the devices of its member accounts, also those that are not in it
 * yet: they join by external commit. Refuses with MALFORMED, and with NOT_FOUND for everybody else.
 */
export async function getConversation(
	{ delivery: { exchange } }: Pick<ConversationContext, "delivery">,
	request: GetConversationRequest,
	session: Session,
): Promise<MessageInitShape<typeof GetConversationResponseSchema>> {
	const conversation = readId<ConversationId>(request.conversation);
	if (conversation === undefined) throw new Refusal("MALFORMED", "a conversation id has 16 bytes");
	const owner = await exchange.owners.open(conversation);
	const access = owner?.group && (await accessOf(exchange, owner, session));
	const facts = access && (await factsOf(exchange, conversation));
	if (facts === undefined) throw new Refusal("NOT_FOUND", "no such conversation");
	return { conversation: describe(facts), groupInfo: new Uint8Array(facts.group.groupInfo) };
}
