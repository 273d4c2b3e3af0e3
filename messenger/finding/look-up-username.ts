import type { MessageInitShape } from "@bufbuild/protobuf";
import { idBytes, type LookUpUsernameRequest, type LookUpUsernameResponseSchema, Refusal } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { countLookUp } from "./count-look-up.ts";
import { requireUsername } from "./username.ts";

/** The account with exactly this username; nothing is said of its number. Refuses with NOT_FOUND, USERNAME_INVALID, RATE_LIMITED. */
export async function lookUpUsername(
	context: MessengerContext,
	request: LookUpUsernameRequest,
	session: Session,
): Promise<MessageInitShape<typeof LookUpUsernameResponseSchema>> {
	const name = requireUsername(request.username);
	await countLookUp(context, session);
	const row = await context.records
		.selectFrom("username")
		.innerJoin("account", "account.account_id", "username.account_id")
		.select(["account.account_id", "account.list_statement", "account.list_signature"])
		.where("username.name", "=", name)
		.executeTakeFirst();
	if (row === undefined) throw new Refusal("NOT_FOUND", "nobody has this username");
	return {
		accountId: idBytes(row.account_id),
		deviceList: { statement: row.list_statement, signature: row.list_signature },
	};
}
