/** From a call as it came to its answer: who, which endpoint, and the calls inside a batch. */
import { randomBytes } from "node:crypto";
import { appIdOf, appSecretOf, findAdAccountByToken } from "../ads/accounts.ts";
import { type Address, readAddress, splitUrl } from "./address.ts";
import { type BatchedCall, readBatch } from "./batch.ts";
import type { GraphContext } from "./context.ts";
import { checkAppSecretProof, readToken } from "./credentials.ts";
import type { GraphMethod } from "./endpoint.ts";
import { ENDPOINTS } from "./endpoints.ts";
import type { GraphValue } from "./fields.ts";
import { GraphError } from "./graph-error.ts";
import { readNode } from "./ids.ts";
import { mergeParameters, type Parameters, readForm } from "./parameters.ts";

export interface GraphRequest {
	readonly method: GraphMethod;
	/** With or without a version, as in the URL. */
	readonly path: string;
	readonly parameters: Parameters;
	/** The Authorization header. */
	readonly authorization: string | undefined;
}

export interface GraphAnswer {
	readonly status: number;
	readonly body: GraphValue;
}

/** Answers one call, whatever it is. Never rejects. @param origin our public address, without a slash at the end */
export async function answerGraph(context: GraphContext, origin: string, request: GraphRequest): Promise<GraphAnswer> {
	try {
		return { status: 200, body: await answer(context, origin, request) };
	} catch (error) {
		return refuse(context, error);
	}
}

/** The answer to what went wrong: a GraphError as it says, anything else as our own failure. */
export function refuse(context: Pick<GraphContext, "events">, error: unknown): GraphAnswer {
	const refusal = error instanceof GraphError ? error : new GraphError("temporary", "an unexpected error, try again");
	if (error === refusal) context.events.refused(`graph-${refusal.kind}`);
	else context.events.failed("graph", error);
	return { status: refusal.status, body: refusal.envelope(`A${randomBytes(8).toString("base64url")}`) };
}

async function answer(context: GraphContext, origin: string, request: GraphRequest): Promise<GraphValue> {
	const address = readAddress(request.path);
	if (address === undefined) throw new GraphError("unsupported", "unknown path components");
	if (address.node === "" && request.method === "POST" && request.parameters.has("batch")) {
		return answerBatch(context, origin, request);
	}
	// The SDKs' crash reports: nobody here reads them, and they may quote what should not lie about.
	if (address.edge === "instruments" && request.method === "POST") return { success: true };
	const { parameters } = request;
	const token = readToken(parameters, request.authorization);
	const account = await findAdAccountByToken(context, token);
	if (account === undefined) throw new GraphError("badToken", "the access token is not valid");
	checkAppSecretProof(parameters, token, appSecretOf(context, account.account_id));
	if (address.node === "debug_token" && address.edge === "") {
		return { data: { app_id: appIdOf(account.account_id), type: "SYSTEM_USER", is_valid: true } };
	}
	const { endpoint, id } = findEndpoint(address, methodOf(request));
	const url = `${origin}/${[address.version, address.node, address.edge].filter((part) => part !== "").join("/")}`;
	return endpoint.answer(context, { account, node: id, parameters, url });
}

/** Clients that can only GET and POST name the method in a parameter. */
function methodOf({ method, parameters }: GraphRequest): GraphMethod {
	if (method !== "POST") return method;
	const override = String(parameters.get("method") ?? "").toUpperCase();
	return override === "DELETE" || override === "GET" ? override : "POST";
}

function findEndpoint(address: Address, method: GraphMethod) {
	const node = readNode(address.node);
	if (node === undefined) throw new GraphError("noSuchObject", "this object does not exist, or you may not see it");
	const endpoint = ENDPOINTS.find(
		(candidate) =>
			candidate.node === node.kind && candidate.edge === address.edge.toLowerCase() && candidate.method === method,
	);
	if (endpoint === undefined) throw new GraphError("unsupported", `unsupported ${method.toLowerCase()} request`);
	return { endpoint, id: node.id };
}

/** One after the other, in their order: a later call may need what an earlier one made. */
async function answerBatch(context: GraphContext, origin: string, request: GraphRequest): Promise<GraphValue> {
	const calls = readBatch(request.parameters);
	const headers =
		request.parameters.get("include_headers") === "false"
			? {}
			: { headers: [{ name: "Content-Type", value: "application/json; charset=UTF-8" }] };
	const answers: GraphValue[] = [];
	for (const call of calls) {
		const { status, body } = await answerBatched(context, origin, request, call);
		answers.push({ code: status, ...headers, body: JSON.stringify(body) });
	}
	return answers;
}

async function answerBatched(
	context: GraphContext,
	origin: string,
	{ authorization, parameters: outer }: GraphRequest,
	{ method, relativeUrl, body }: BatchedCall,
): Promise<GraphAnswer> {
	const { path, query } = splitUrl(relativeUrl);
	const credentials = ["access_token", "appsecret_proof", "appsecret_time"].flatMap((name) =>
		outer.has(name) ? [[name, outer.get(name)] as const] : [],
	);
	try {
		const parameters = mergeParameters(new Map(credentials), readForm(query), body);
		if (parameters.has("batch")) throw new GraphError("invalidParameter", "a batch holds no batches");
		if (/\{result=/.test(relativeUrl)) throw new GraphError("unsupported", "calls of a batch can not name each other");
		return await answerGraph(context, origin, { method, path, parameters, authorization });
	} catch (error) {
		return refuse(context, error);
	}
}
