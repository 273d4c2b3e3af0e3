/** DELETE /{audience}/users */
import type { GraphEndpoint } from "../graph/endpoint.ts";
import { takeUpload } from "./uploads.ts";

export const removeUsers: GraphEndpoint = {
	method: "DELETE",
	node: "audience",
	edge: "users",
	answer: (context, call) => takeUpload(context, call, "remove"),
};
