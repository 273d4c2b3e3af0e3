import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	AccountDeletionSchema,
	type DeleteAccountRequest,
	type DeleteAccountResponseSchema,
	LABELS,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { readOwnStatement } from "../terms/own-statement.ts";
import { endAccount, finishEnding, forgetAttempts } from "./end-account.ts";

/**
 * Ends the caller's account, whatever its phase. What was shared is recalled by the door, which keeps what it needs for
 * that; the number can be registered again at once, and nothing is inherited. The caller's devices are removed devices
 * then, this one too: a repeat is refused with DEVICE_REMOVED. Refuses with MALFORMED, UNAUTHENTICATED (the signature).
 */
export async function deleteAccount(
	context: MessengerContext,
	request: DeleteAccountRequest,
	session: Session,
): Promise<MessageInitShape<typeof DeleteAccountResponseSchema>> {
	const { records, clock, events } = context;
	await readOwnStatement(context, session, LABELS.accountDeletion, AccountDeletionSchema, request.deletion);
	const { account } = session;
	const ended = await records.transaction().execute(async (transaction) => {
		await forgetAttempts(transaction, account);
		return endAccount(transaction, account, clock.now());
	});
	events.accountDeleted(account);
	await finishEnding(context, ended);
	return {};
}
