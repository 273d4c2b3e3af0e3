import type { MessageInitShape } from "@bufbuild/protobuf";
import { idBytes, type LookUpNumberRequest, type LookUpNumberResponseSchema, Refusal } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { countLookUp } from "../finding/count-look-up.ts";
import { findByNumbers } from "../finding/findable.ts";
import { readPhoneNumber } from "./phone-numbers.ts";

/**
 * The account of exactly this number, where its person lets the caller find it by that. Every try counts against the caller, hits and misses alike: numbers are few
 * enough to be listed. Refuses with PHONE_INVALID, NOT_FOUND, RATE_LIMITED.
 */
export async function lookUpNumber(
	context: MessengerContext,
	request: LookUpNumberRequest,
	session: Session,
): Promise<MessageInitShape<typeof LookUpNumberResponseSchema>> {
	const phone = readPhoneNumber(request.phone);
	await countLookUp(context, session);
	const [row] = await findByNumbers(context.records, [phone], session.account);
	if (row === undefined) throw new Refusal("NOT_FOUND", "no account has this number");
	return {
		accountId: idBytes(row.account_id),
		deviceList: { statement: row.list_statement, signature: row.list_signature },
	};
}
