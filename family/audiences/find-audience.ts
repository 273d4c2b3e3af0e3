/** The list that a call is about. */
import type { Kysely } from "kysely";
import type { GraphCall } from "../graph/endpoint.ts";
import { GraphError } from "../graph/graph-error.ts";
import type { Records } from "../records/schema.ts";
import type { AudienceRow } from "./tables.ts";

/** The caller's own list with this id. Rejects with GraphError `noSuchObject`, for somebody else's as for none. */
export async function findAudience(
	records: Kysely<Records>,
	{ account, node }: Pick<GraphCall, "account" | "node">,
): Promise<AudienceRow> {
	const audience = await records
		.selectFrom("audience")
		.selectAll()
		.where("audience_id", "=", node)
		.where("account_id", "=", account.account_id)
		.executeTakeFirst();
	if (audience === undefined) {
		throw new GraphError("noSuchObject", "this audience does not exist, or you may not see it");
	}
	return audience;
}
