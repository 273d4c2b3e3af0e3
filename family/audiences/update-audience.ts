/** POST /{audience}: its name and description. */
import * as v from "valibot";
import type { GraphEndpoint } from "../graph/endpoint.ts";
import { Name, readParameters } from "../graph/parameters.ts";
import { findAudience } from "./find-audience.ts";

const Input = v.object({
	name: v.optional(Name),
	description: v.optional(v.pipe(v.string(), v.maxLength(2000))),
});

export const updateAudience: GraphEndpoint = {
	method: "POST",
	node: "audience",
	edge: "",
	async answer({ records, clock }, call) {
		const { audience_id } = await findAudience(records, call);
		const { name, description } = readParameters(Input, call.parameters);
		await records
			.updateTable("audience")
			.set({
				updated_at_ms: clock.now(),
				...(name !== undefined && { name }),
				...(description !== undefined && { description }),
			})
			.where("audience_id", "=", audience_id)
			.execute();
		return { success: true };
	},
};
