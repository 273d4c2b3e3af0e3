import type { MessageInitShape } from "@bufbuild/protobuf";
import { idBytes, type LookUpNumberRequest, type LookUpNumberResponseSchema, Refusal } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { readPhoneNumber } from "./phone-numbers.ts";

/**
 * The account of exactly this number. Every try counts against the caller, hits and misses alike: numbers are few
 * enough to be listed. Refuses with PHONE_INVALID, NOT_FOUND, RATE_LIMITED.
 */
export async function lookUpNumber(
	{ records, rateLimits, limits, businesses }: MessengerContext,
	request: LookUpNumberRequest,
	session: Session,
): Promise<MessageInitShape<typeof LookUpNumberResponseSchema>> {
	const phone = readPhoneNumber(request.phone);
	rateLimits.lookUp(session.account, businesses.isBusiness(session.account));
	if ((await limits.restriction(session.account, "new-conversations")) !== undefined)
		rateLimits.limitedLookUp(session.account);
	const row = await records
		.selectFrom("account")
		.select(["account_id", "list_statement", "list_signature"])
		.where("phone", "=", phone)
		.executeTakeFirst();
	if (row === undefined) throw new Refusal("NOT_FOUND", "no account has this number");
	return {
		accountId: idBytes(row.account_id),
		deviceList: { statement: row.list_statement, signature: row.list_signature },
	};
}
