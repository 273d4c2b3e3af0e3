/**
 * The Connect protocol (unary methods, binary and JSON, gzip) over Fastify. Written out here instead of taken from the
 * library's plugin, because three things have to hold that the plugin does not give: a session is checked before a
 * body is read, a body that is too large is refused and not received, and every error carries an ErrorDetail, also
 * that of bytes that do not decode.
 */
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import {
	create,
	type DescMethodUnary,
	fromBinary,
	fromJson,
	type JsonValue,
	toBinary,
	toJson,
} from "@bufbuild/protobuf";
import { LIMITS, Refusal } from "@troth/protocol";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { MessengerContext, Session } from "../context.ts";
import type { Route } from "./endpoint.ts";
import { toErrorAnswer, toRefusal } from "./refusals.ts";
import { requireSession } from "./require-session.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

const BINARY = "application/proto";
const JSON_TEXT = "application/json";
/** Smaller answers are not worth compressing. */
const COMPRESS_FROM_BYTES = 1024;

/** Adds a route for each method of the table. */
export function serveMethods(app: FastifyInstance, context: MessengerContext, routes: readonly Route[]): void {
	// In a scope of its own: these parsers and this error handler are for RPC only.
	app.register(async (scope) => {
		scope.removeAllContentTypeParsers();
		scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: LIMITS.rpcBytes }, (_request, body, done) =>
			done(null, body),
		);
		scope.setErrorHandler<FastifyError>((error, request, reply) =>
			sendRefusal(context, request, reply, fromFastify(error)),
		);
		for (const route of routes) serveMethod(scope, context, route);
	});
}

function serveMethod(scope: FastifyInstance, context: MessengerContext, route: Route): void {
	const sessions = new WeakMap<FastifyRequest, Session>();
	scope.post(pathOf(route.method), {
		onRequest: async (request) => {
			if (!route.needsSession) return;
			const session = await requireSession(context, request.headers.authorization);
			// Who asks something is here, with or without a stream.
			context.directory.noteAttached(session.device);
			sessions.set(request, session);
		},
		handler: async (request, reply) => {
			const format = formatOf(request.headers["content-type"]);
			const message = decode(route.method, format, await bodyOf(request));
			const answer = create(
				route.method.output,
				await answerOf(route, context, message, request, sessions.get(request)),
			);
			reply.type(format);
			return sendBody(request, reply, encode(route.method, format, answer));
		},
	});
}

function pathOf(method: DescMethodUnary): string {
	return `/${method.parent.typeName}/${method.name}`;
}

async function answerOf(
	route: Route,
	context: MessengerContext,
	message: unknown,
	{ ip }: FastifyRequest,
	session: Session | undefined,
): Promise<Record<string, unknown>> {
	return (await route.call(context, message, session, { address: ip })) as Record<string, unknown>;
}

type Format = typeof BINARY | typeof JSON_TEXT;

function formatOf(contentType: string | undefined): Format {
	const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
	if (type === BINARY || type === JSON_TEXT) return type;
	throw new Refusal("MALFORMED", `the content type has to be ${BINARY} or ${JSON_TEXT}`);
}

async function bodyOf(request: FastifyRequest): Promise<Uint8Array> {
	const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
	const encoding = request.headers["content-encoding"] ?? "identity";
	if (encoding === "identity" || body.length === 0) return body;
	if (encoding !== "gzip") throw new Refusal("MALFORMED", "the content encoding has to be gzip or identity");
	try {
		return await decompress(body, { maxOutputLength: LIMITS.rpcBytes });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
		throw new Refusal("MALFORMED", "the body is not gzip", { cause: error });
	}
}

function decode(method: DescMethodUnary, format: Format, body: Uint8Array) {
	try {
		if (format === BINARY) return fromBinary(method.input, body);
		const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as JsonValue;
		return fromJson(method.input, json, { ignoreUnknownFields: true });
	} catch (error) {
		throw new Refusal("MALFORMED", `the body is not a ${method.input.typeName}`, { cause: error });
	}
}

function encode(method: DescMethodUnary, format: Format, answer: ReturnType<typeof create>): Uint8Array {
	if (format === BINARY) return toBinary(method.output, answer);
	return new TextEncoder().encode(JSON.stringify(toJson(method.output, answer)));
}

async function sendBody(request: FastifyRequest, reply: FastifyReply, body: Uint8Array): Promise<FastifyReply> {
	const accepts = request.headers["accept-encoding"]?.split(",").some((name) => name.trim() === "gzip") === true;
	if (!accepts || body.length < COMPRESS_FROM_BYTES) return reply.send(body);
	return reply.header("content-encoding", "gzip").send(await compress(body));
}

/** Answers with a Connect error. Only here does a refusal meet a client, and only here is a defect logged. */
export function sendRefusal(
	context: Pick<MessengerContext, "events">,
	request: FastifyRequest,
	reply: FastifyReply,
	refusal: Refusal,
): FastifyReply {
	context.events.refused(refusal.code);
	if (refusal.code === "INTERNAL") context.events.failed(request.routeOptions.url ?? "unknown path", refusal.cause);
	// What was not received can not be followed by another request on the same connection.
	if (refusal.code === "TOO_LARGE") reply.header("connection", "close");
	const { status, body } = toErrorAnswer(refusal);
	return reply.code(status).removeHeader("content-encoding").type(JSON_TEXT).send(body);
}

function fromFastify(error: FastifyError): Refusal {
	if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") return tooLarge();
	// Fastify's own complaints are all about the request; what our code throws has no such code.
	if (typeof error.code === "string" && error.code.startsWith("FST_ERR_CTP"))
		return new Refusal("MALFORMED", "the request could not be read", { cause: error });
	return toRefusal(error);
}

function tooLarge(): Refusal {
	return new Refusal("TOO_LARGE", "the body is too large", { limitBytes: LIMITS.rpcBytes });
}
