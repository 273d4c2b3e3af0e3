/** POST /{audience}/users */
import type { GraphEndpoint } from "../graph/endpoint.ts";
import { takeUpload } from "./uploads.ts";

export const addUsers: GraphEndpoint = {
	method: "POST",
	node: "audience",
	edge: "users",
	answer: (context, call) => takeUpload(context, call, "add"),
};
