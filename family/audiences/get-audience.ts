/** GET /{audience} */
import type { GraphEndpoint } from "../graph/endpoint.ts";
import { readFields, selectFields } from "../graph/fields.ts";
import { audienceFields } from "./audience-fields.ts";
import { counted } from "./counts.ts";
import { findAudience } from "./find-audience.ts";

export const getAudience: GraphEndpoint = {
	method: "GET",
	node: "audience",
	edge: "",
	async answer(context, call) {
		const audience = await counted(context, await findAudience(context.records, call));
		return selectFields(audienceFields(audience), readFields(call.parameters));
	},
};
