import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type BlockAccountRequest,
	type BlockAccountResponseSchema,
	Refusal,
	readId,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** Accounts one account may block. */
const MOST_BLOCKED = 10_000;

/** From now on nothing of that account reaches the caller. Blocking twice is blocking once. */
export async function blockAccount(
	{ records, clock, directory, delivery }: MessengerContext,
	request: BlockAccountRequest,
	session: Session,
): Promise<MessageInitShape<typeof BlockAccountResponseSchema>> {
	const blocked = readBlocked(request.accountId, session);
	const exists = await records
		.selectFrom("account")
		.select("account_id")
		.where("account_id", "=", blocked)
		.executeTakeFirst();
	if (exists === undefined) throw new Refusal("NOT_FOUND", "no such account");
	if ((await directory.blockedBy(session.account)).size >= MOST_BLOCKED)
		throw new Refusal("FORBIDDEN", `at most ${MOST_BLOCKED} accounts can be blocked`);
	await records
		.insertInto("block")
		.values({ account_id: session.account, blocked_account_id: blocked, created_at_ms: clock.now() })
		.onConflict((conflict) => conflict.columns(["account_id", "blocked_account_id"]).doNothing())
		.execute();
	directory.blocksChanged(session.account);
	delivery.blocksChanged(session.account);
	return {};
}

/** The other account of a block. Refuses with MALFORMED. */
export function readBlocked(bytes: Uint8Array, session: Session): AccountId {
	const account = readId<AccountId>(bytes);
	if (account === undefined) throw new Refusal("MALFORMED", "account ids have 16 bytes");
	if (account === session.account) throw new Refusal("MALFORMED", "an account can not block itself");
	return account;
}
