/** GET /act_{id}/customaudiences */
import type { GraphEndpoint } from "../graph/endpoint.ts";
import { answerList } from "../graph/listing.ts";
import { requireOwnAccount } from "../graph/own-account.ts";
import { audienceFields } from "./audience-fields.ts";

/** Sizes are those of the last count: a list of lists counts nothing. */
export const listAudiences: GraphEndpoint = {
	method: "GET",
	node: "account",
	edge: "customaudiences",
	answer({ records }, call) {
		requireOwnAccount(call);
		return answerList(call, {
			query: records.selectFrom("audience").selectAll().where("account_id", "=", call.account.account_id),
			id: "audience_id",
			filters: { id: "audience_id", name: "name" },
			fields: audienceFields,
		});
	},
};
