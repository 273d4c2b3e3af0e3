/** DELETE /{audience}: the list, its rows and everything derived from them. */
import { eraseDeleted } from "@troth/storage";
import type { GraphEndpoint } from "../graph/endpoint.ts";
import { GraphError } from "../graph/graph-error.ts";
import { findAudience } from "./find-audience.ts";

export const deleteAudience: GraphEndpoint = {
	method: "DELETE",
	node: "audience",
	edge: "",
	async answer({ records }, call) {
		const { audience_id } = await findAudience(records, call);
		await records.transaction().execute(async (transaction) => {
			const used = await transaction
				.selectFrom("ad_set_audience")
				.innerJoin("ad_set", "ad_set.ad_set_id", "ad_set_audience.ad_set_id")
				.select("ad_set.ad_set_id")
				.where("audience_id", "=", audience_id)
				.where("status", "=", "ACTIVE")
				.executeTakeFirst();
			if (used !== undefined) {
				throw new GraphError("invalidParameter", "an active ad set uses this audience: pause it first");
			}
			for (const table of [
				"audience_row",
				"audience_member",
				"audience_batch",
				"audience",
				"ad_set_audience",
			] as const) {
				await transaction.deleteFrom(table).where("audience_id", "=", audience_id).execute();
			}
		});
		await eraseDeleted(records);
		return { success: true };
	},
};
