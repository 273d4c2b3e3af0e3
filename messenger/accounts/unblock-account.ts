import type { MessageInitShape } from "@bufbuild/protobuf";
import type { UnblockAccountRequest, UnblockAccountResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { readBlocked } from "./block-account.ts";

/** What that account sends from now on is delivered again; what was withheld stays withheld. */
export async function unblockAccount(
	{ records, directory, delivery }: MessengerContext,
	request: UnblockAccountRequest,
	session: Session,
): Promise<MessageInitShape<typeof UnblockAccountResponseSchema>> {
	const blocked = readBlocked(request.accountId, session);
	await records
		.deleteFrom("block")
		.where("account_id", "=", session.account)
		.where("blocked_account_id", "=", blocked)
		.execute();
	directory.blocksChanged(session.account);
	delivery.blocksChanged(session.account);
	return {};
}
