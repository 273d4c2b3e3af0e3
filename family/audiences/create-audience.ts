/** POST /act_{id}/customaudiences */
import * as v from "valibot";
import type { GraphEndpoint } from "../graph/endpoint.ts";
import { GraphError } from "../graph/graph-error.ts";
import { requireOwnAccount } from "../graph/own-account.ts";
import { Name, readParameters, WholeNumber } from "../graph/parameters.ts";
import { FILE_SOURCES, LIST_BASES, LIST_ORIGINS } from "./tables.ts";

/** Days that a row is kept unless the advertiser asks for fewer or more. */
const RETENTION_DAYS = 30;
const LONGEST_RETENTION_DAYS = 180;

const Input = v.object({
	name: Name,
	description: v.optional(v.pipe(v.string(), v.maxLength(2000)), ""),
	subtype: v.optional(v.literal("CUSTOM"), "CUSTOM"),
	customer_file_source: v.picklist(FILE_SOURCES),
	retention_days: v.optional(v.pipe(WholeNumber, v.minValue(1), v.maxValue(LONGEST_RETENTION_DAYS)), RETENTION_DAYS),
	troth_list_origin: v.optional(v.picklist(LIST_ORIGINS)),
	troth_list_basis: v.optional(v.picklist(LIST_BASES)),
});

export const createAudience: GraphEndpoint = {
	method: "POST",
	node: "account",
	edge: "customaudiences",
	async answer({ records, clock, ids }, call) {
		requireOwnAccount(call);
		const { account, parameters } = call;
		if (account.audience_terms_at_ms === null) {
			throw new GraphError("termsNotAccepted", "the rules for lists have not been accepted", {
				userTitle: "Rules not accepted",
				userMessage: "An administrator of this ad account has to accept the rules for customer lists first.",
			});
		}
		const input = readParameters(Input, parameters);
		const audience_id = ids.next("audience");
		const now = clock.now();
		await records
			.insertInto("audience")
			.values({
				audience_id,
				account_id: account.account_id,
				name: input.name,
				description: input.description,
				customer_file_source: input.customer_file_source,
				list_origin: input.troth_list_origin ?? null,
				list_basis: input.troth_list_basis ?? null,
				retention_days: input.retention_days,
				uploaded_at_ms: null,
				count_lower: null,
				count_upper: null,
				enough: null,
				counted_at_ms: null,
				created_at_ms: now,
				updated_at_ms: now,
			})
			.execute();
		return { id: audience_id };
	},
};
