/** GET /act_{id} */
import type { GraphEndpoint } from "../graph/endpoint.ts";
import { readFields, selectFields } from "../graph/fields.ts";
import { requireOwnAccount } from "../graph/own-account.ts";

export const getAccount: GraphEndpoint = {
	method: "GET",
	node: "account",
	edge: "",
	async answer(_context, call) {
		requireOwnAccount(call);
		const { account_id, name, audience_terms_at_ms } = call.account;
		const account = {
			id: `act_${account_id}`,
			account_id,
			name,
			account_status: 1,
			currency: "USD",
			timezone_name: "Etc/UTC",
			tos_accepted: { custom_audience_tos: audience_terms_at_ms === null ? 0 : 1 },
		};
		return selectFields(account, readFields(call.parameters));
	},
};
