import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GetBusinessPreferencesRequest, GetBusinessPreferencesResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { toPreference } from "./preference.ts";

/** Everything the caller decided about businesses, the newest decision per business and category. */
export async function getBusinessPreferences(
	{ records }: MessengerContext,
	_request: GetBusinessPreferencesRequest,
	session: Session,
): Promise<MessageInitShape<typeof GetBusinessPreferencesResponseSchema>> {
	const rows = await records
		.selectFrom("business_preference")
		.select(["business_id", "category", "permission", "consent_id", "decided_at_ms"])
		.where("account_id", "=", session.account)
		.orderBy("business_id")
		.orderBy("category")
		.execute();
	return { preferences: rows.map(toPreference) };
}
