import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type GetConsentReceiptRequest,
	type GetConsentReceiptResponseSchema,
	Refusal,
	readId,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { knownCategory } from "./category-rule.ts";
import { toPreference, unsetPreference } from "./preference.ts";
import { requireBusiness } from "./require-business.ts";

/**
 * What a person said to the calling business about a category, as they signed it. An account that does not exist has
 * said nothing, so that nobody can be looked for here. Refuses with FORBIDDEN, MALFORMED.
 */
export async function getConsentReceipt(
	context: MessengerContext,
	request: GetConsentReceiptRequest,
	session: Session,
): Promise<MessageInitShape<typeof GetConsentReceiptResponseSchema>> {
	requireBusiness(context, session);
	const person = readId<AccountId>(request.accountId);
	const category = knownCategory(request.category);
	if (person === undefined || category === undefined)
		throw new Refusal("MALFORMED", "an account and a category are needed");
	const row = await context.records
		.selectFrom("business_preference")
		.selectAll()
		.where("account_id", "=", person)
		.where("business_id", "=", session.account)
		.where("category", "=", category)
		.executeTakeFirst();
	if (row === undefined || row.permission === "unset")
		return { preference: unsetPreference(session.account, category) };
	const { statement, signature } = row;
	return { preference: toPreference(row), statement: { statement, signature } };
}
