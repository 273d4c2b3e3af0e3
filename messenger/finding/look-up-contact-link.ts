import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	idBytes,
	LIMITS,
	type LookUpContactLinkRequest,
	type LookUpContactLinkResponseSchema,
	Refusal,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { countLookUp } from "./count-look-up.ts";
import { linkDigest } from "./link-digest.ts";

/** Who made this link, as long as it was not revoked. Refuses with NOT_FOUND, MALFORMED, RATE_LIMITED. */
export async function lookUpContactLink(
	context: MessengerContext,
	request: LookUpContactLinkRequest,
	session: Session,
): Promise<MessageInitShape<typeof LookUpContactLinkResponseSchema>> {
	if (request.token.length !== LIMITS.contactLinkBytes)
		throw new Refusal("MALFORMED", `the token of a link has ${LIMITS.contactLinkBytes} bytes`);
	await countLookUp(context, session);
	const row = await context.records
		.selectFrom("contact_link")
		.innerJoin("account", "account.account_id", "contact_link.account_id")
		.select(["account.account_id", "account.list_statement", "account.list_signature"])
		.where("contact_link.token_digest", "=", linkDigest(request.token))
		.executeTakeFirst();
	if (row === undefined) throw new Refusal("NOT_FOUND", "this link leads to nobody");
	return {
		accountId: idBytes(row.account_id),
		deviceList: { statement: row.list_statement, signature: row.list_signature },
	};
}
