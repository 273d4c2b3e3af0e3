/**
 * The Marketing API's own listener. Its limits differ from those of the pages: clients put whole lists into the URL of
 * a DELETE (10 000 hashes are a request line of 790 134 bytes), so headers may be large here and nowhere else, and a
 * single address may not hold many connections.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import multipart from "@fastify/multipart";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { FamilyContext } from "../context.ts";
import { splitUrl } from "./address.ts";
import type { GraphContext } from "./context.ts";
import { answerGraph, type GraphAnswer, refuse } from "./dispatch.ts";
import type { GraphMethod } from "./endpoint.ts";
import { GraphError } from "./graph-error.ts";
import { GraphIds } from "./ids.ts";
import { mergeParameters, type Parameters, readForm, readJsonBody } from "./parameters.ts";

const HEADER_BYTES = 4 << 20;
/** 10 000 rows of fifteen columns, as JSON. */
const BODY_BYTES = 16 << 20;
const REQUEST_MS = 60_000;
const HEADERS_MS = 30_000;
const MOST_CONNECTIONS = 256;
const MOST_CONNECTIONS_PER_ADDRESS = 32;

export interface GraphOptions {
	readonly host: string;
	/** 0 for any free one. */
	readonly port: number;
	/** The address clients use, where it is not that of the socket (a proxy in front): links to pages begin with it. */
	readonly origin?: string;
}

export interface Graph extends AsyncDisposable {
	/** What clients take as the base of their calls; no slash at the end. */
	readonly url: string;
}

/** Starts the listener; resolves when it answers. Rejects where the port can not be had. */
export async function startGraph(company: FamilyContext, options: GraphOptions): Promise<Graph> {
	const context: GraphContext = { ...company, ids: new GraphIds(company.clock) };
	const server: Server = createServer({
		requestTimeout: REQUEST_MS,
		headersTimeout: HEADERS_MS,
		maxHeaderSize: HEADER_BYTES,
	});
	server.maxConnections = MOST_CONNECTIONS;
	capConnections(server);
	const app = Fastify({
		logger: false,
		exposeHeadRoutes: false,
		bodyLimit: BODY_BYTES,
		serverFactory: (handler) => server.on("request", handler),
		// The query is read once, by our own rules; it may be large.
		routerOptions: { querystringParser: () => ({}) },
		frameworkErrors: (error, _request, reply) => send(reply, refuse(context, foreign(error))),
	});
	let origin = options.origin ?? "";
	await serve(app, context, () => origin);
	await app.ready();
	server.listen(options.port, options.host);
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	const url = `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`;
	if (origin === "") origin = url;
	return {
		url: origin,
		async [Symbol.asyncDispose]() {
			const closed = once(server, "close");
			server.close();
			server.closeAllConnections();
			await closed;
			await app.close();
		},
	};
}

async function serve(app: FastifyInstance, context: GraphContext, origin: () => string): Promise<void> {
	await app.register(multipart, {
		throwFileSizeLimit: false,
		limits: { fields: 200, files: 0, fieldSize: BODY_BYTES, fieldNameSize: 200, headerPairs: 50 },
	});
	// What a client calls its body matters less than what is in it: the Node SDK sends `{}` as JSON with a GET.
	app.removeContentTypeParser(["application/json", "text/plain"]);
	app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
	app.setErrorHandler<FastifyError>((error, _request, reply) => send(reply, refuse(context, foreign(error))));
	app.route({
		method: ["GET", "POST", "DELETE"],
		url: "/*",
		handler: async (request, reply) => {
			const { path, query } = splitUrl(request.raw.url ?? "");
			const parameters = mergeParameters(readForm(query), await readBody(request));
			const { authorization } = request.headers;
			const method = request.method as GraphMethod;
			return send(reply, await answerGraph(context, origin(), { method, path, parameters, authorization }));
		},
	});
	app.setNotFoundHandler((_request, reply) => {
		return send(reply, refuse(context, new GraphError("unsupported", "unsupported method")));
	});
}

async function readBody(request: FastifyRequest): Promise<Parameters> {
	if (request.isMultipart()) return readMultipart(request);
	if (typeof request.body !== "string") return new Map();
	const form = (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
	return form ? readForm(request.body) : readJsonBody(request.body);
}

/** Fields only. Whatever the parser stumbles over came from outside. */
async function readMultipart(request: FastifyRequest): Promise<Parameters> {
	const fields = new Map<string, unknown>();
	try {
		for await (const part of request.parts()) if (part.type === "field") fields.set(part.fieldname, part.value);
	} catch (error) {
		throw new GraphError("invalidParameter", "the multipart body could not be read", { cause: error });
	}
	return fields;
}

function send(reply: FastifyReply, { status, body }: GraphAnswer): FastifyReply {
	return reply
		.code(status)
		.header("content-type", "application/json; charset=UTF-8")
		.header("cache-control", "no-store")
		.header("x-content-type-options", "nosniff")
		.send(JSON.stringify(body));
}

/** Fastify's own refusals in our words; its texts may quote the request. */
function foreign(error: FastifyError): unknown {
	if (error.statusCode === 413) return new GraphError("tooLarge", "the request is too large", { cause: error });
	if (error.statusCode !== undefined && error.statusCode < 500) {
		return new GraphError("invalidParameter", "the request could not be read", { cause: error });
	}
	return error;
}

function capConnections(server: Server): void {
	const open = new Map<string, number>();
	server.on("connection", (socket: Socket) => {
		const address = socket.remoteAddress ?? "";
		const count = (open.get(address) ?? 0) + 1;
		open.set(address, count);
		socket.once("close", () => {
			const left = (open.get(address) ?? 1) - 1;
			if (left === 0) open.delete(address);
			else open.set(address, left);
		});
		if (count > MOST_CONNECTIONS_PER_ADDRESS) socket.destroy();
	});
}
