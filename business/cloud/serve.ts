/**
 * The Cloud API over HTTP: versions and trailing slashes, the token, bodies in all the forms clients send, and one form
 * of error for everything.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import formBody from "@fastify/formbody";
import multipart from "@fastify/multipart";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { GatewayContext } from "../context.ts";
import { CloudError, errorEnvelope } from "./errors.ts";
import { getMessageTemplates } from "./get-message-templates.ts";
import { getObject, listNumbers, unknownObject } from "./get-object.ts";
import { Idempotency } from "./idempotency.ts";
import { markRead } from "./mark-read.ts";
import { readMessageRequest } from "./message-body.ts";
import { toCloudError } from "./refusals.ts";
import { sendMessage } from "./send-message.ts";
import { getSubscribedApps, subscribeApp, unsubscribeApp } from "./subscribed-apps.ts";

/** Versions that clients name; a missing one is the newest. */
const VERSION = /^\/v(1[3-9]|2[0-5])\.0(?=[/?]|$)/;
const TRAILING_SLASH = /(?<=[^/])\/+(?=\?|$)/;

interface Params {
	readonly object: string;
}
interface Query {
	readonly fields?: string;
	readonly access_token?: string;
}
type Request = FastifyRequest<{ Params: Params; Querystring: Query }>;

export async function serveCloudApi(context: GatewayContext, accessToken: string): Promise<FastifyInstance> {
	const app = Fastify({
		logger: false,
		rewriteUrl: ({ url = "/" }) => url.replace(VERSION, "").replace(TRAILING_SLASH, ""),
		forceCloseConnections: true,
	});
	readBodies(app);
	await app.register(formBody);
	await app.register(multipart, { attachFieldsToBody: "keyValues", limits: { files: 0 } });
	const expected = digest(accessToken);
	app.addHook<{ Querystring: Query }>("onRequest", async (request) => {
		const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? request.query.access_token;
		if (given === undefined || !timingSafeEqual(digest(given), expected))
			throw new CloudError(190, "the access token is missing or not this business's");
	});
	app.setErrorHandler<FastifyError>((error, _request, reply) => sendError(context, reply, fromFastify(error)));
	app.setNotFoundHandler((_request, reply) => sendError(context, reply, new CloudError(100, "no such path or method")));
	addRoutes(app, context);
	return app;
}

function addRoutes(app: FastifyInstance, context: GatewayContext): void {
	const { identity } = context;
	const idempotency = new Idempotency(context);
	app.post("/:object/messages", async (request: Request, reply) => {
		require(request, identity.phoneNumberId);
		const body = formFields(request.body);
		const key = request.headers["idempotency-key"];
		const answer = await idempotency.once(typeof key === "string" ? key : undefined, body, async () => {
			const message = readMessageRequest(body);
			return message.kind === "read" ? markRead(context, message) : sendMessage(context, message);
		});
		return reply.code(answer.status).send(answer.body);
	});
	app.get("/:object/message_templates", async (request: Request) => {
		require(request, identity.wabaId);
		return getMessageTemplates(context, request.query, hereOf(request));
	});
	app.get("/:object/phone_numbers", async (request: Request) => {
		require(request, identity.wabaId);
		return listNumbers(identity, request.query.fields);
	});
	app.get("/:object/subscribed_apps", async (request: Request) => {
		require(request, identity.wabaId);
		return getSubscribedApps(context);
	});
	app.post("/:object/subscribed_apps", async (request: Request) => {
		require(request, identity.wabaId);
		return subscribeApp(context, request.body);
	});
	app.delete("/:object/subscribed_apps", async (request: Request) => {
		require(request, identity.wabaId);
		return unsubscribeApp(context);
	});
	app.get("/:object", async (request: Request) => getObject(identity, request.params.object, request.query.fields));
}

function require({ params }: Request, object: string): void {
	if (params.object !== object) throw unknownObject();
}

/** The address as the client wrote it. */
function hereOf({ protocol, host, originalUrl }: FastifyRequest): URL {
	return new URL(originalUrl, `${protocol}://${host}`);
}

/** JSON that is empty is no body: DELETE and POST come without one, and with the content type all the same. */
function readBodies(app: FastifyInstance): void {
	app.removeContentTypeParser("application/json");
	app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (_request, text, done) => {
		try {
			done(null, text.trim() === "" ? undefined : JSON.parse(text));
		} catch (cause) {
			done(new CloudError(100, "the body is not JSON", { cause }));
		}
	});
}

/** A form's fields are texts; objects come as JSON inside them. */
function formFields(body: unknown): unknown {
	if (typeof body !== "object" || body === null) return body;
	const fields = Object.entries(body).map(([name, value]) => {
		if (typeof value !== "string" || !value.startsWith("{")) return [name, value];
		try {
			return [name, JSON.parse(value)];
		} catch {
			return [name, value];
		}
	});
	return Object.fromEntries(fields);
}

function digest(text: string): Buffer {
	return createHash("sha256").update(text).digest();
}

function fromFastify(error: FastifyError): CloudError {
	const theirs = error.statusCode !== undefined && error.statusCode < 500;
	return theirs ? new CloudError(100, "the request could not be read", { cause: error }) : toCloudError(error);
}

function sendError(context: GatewayContext, reply: FastifyReply, error: CloudError): FastifyReply {
	if (error.code === 131000) context.failed("a request", error.cause);
	if (error.retryAtMs !== undefined) {
		const seconds = Math.max(1, Math.ceil((error.retryAtMs - context.clock.now()) / 1000));
		reply.header("retry-after", seconds.toString());
	}
	return reply.code(error.status).send(errorEnvelope(error));
}
