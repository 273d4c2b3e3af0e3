import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RemoveUsernameRequest, RemoveUsernameResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { giveUpUsername } from "./username.ts";

/** The caller is found by username no more. */
export async function removeUsername(
	{ records, clock }: MessengerContext,
	_request: RemoveUsernameRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof RemoveUsernameResponseSchema>> {
	await records.transaction().execute((transaction) => giveUpUsername(transaction, account, clock.now()));
	return {};
}
