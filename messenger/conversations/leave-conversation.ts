import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type ConversationId,
	type LeaveConversationRequest,
	type LeaveConversationResponseSchema,
	Refusal,
	readId,
} from "@troth/protocol";
import type { Session } from "../context.ts";
import { endMemberships } from "../delivery/membership.ts";
import { notStored } from "./accept-commit.ts";
import type { ConversationContext } from "./conversation-context.ts";

/**
 * Takes all devices of the caller's account out of a group: they get nothing that is stored later, and their leaves
 * wait for another member's commit (hazard 10). Refuses with MALFORMED, NOT_A_MEMBER, and with FORBIDDEN for direct
 * conversations, which are blocked and not left: the pair has no other one.
 */
export async function leaveConversation(
	{ delivery: { exchange } }: Pick<ConversationContext, "delivery">,
	request: LeaveConversationRequest,
	session: Session,
): Promise<MessageInitShape<typeof LeaveConversationResponseSchema>> {
	const conversation = readId<ConversationId>(request.conversation);
	if (conversation === undefined) throw new Refusal("MALFORMED", "a conversation id has 16 bytes");
	const owner = await exchange.owners.open(conversation);
	if (owner === undefined) throw notAMember();
	await owner.exclusively(async () => {
		const devices =
			owner.members.accounts.get(session.account)?.devices.filter(({ until }) => until === undefined) ?? [];
		if (owner.group === undefined || devices.length === 0) throw notAMember();
		if (owner.group.kind === "direct") throw new Refusal("FORBIDDEN", "a direct conversation can not be left");
		try {
			await endMemberships(
				exchange,
				owner,
				devices.map(({ device }) => device),
			);
		} catch (error) {
			throw notStored(error);
		}
	});
	return {};
}

function notAMember(): Refusal {
	return new Refusal("NOT_A_MEMBER", "this device is not in the conversation");
}
