import type { MessageInitShape } from "@bufbuild/protobuf";
import { idBytes, type ListBusinessesRequest, type ListBusinessesResponseSchema } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

/** The directory: every account the operator approved, by name. */
export async function listBusinesses(
	{ records }: MessengerContext,
	_request: ListBusinessesRequest,
): Promise<MessageInitShape<typeof ListBusinessesResponseSchema>> {
	const rows = await records
		.selectFrom("business")
		.innerJoin("account", "account.account_id", "business.account_id")
		.select(["business.account_id", "business.name", "account.phone", "business.approved_at_ms"])
		.orderBy("business.name")
		.orderBy("business.account_id")
		.execute();
	return {
		businesses: rows.map(({ account_id, name, phone, approved_at_ms }) => ({
			accountId: idBytes(account_id),
			name,
			phone,
			approvedAtMs: BigInt(approved_at_ms),
		})),
	};
}
