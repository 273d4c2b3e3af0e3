/** The web server of the company: headers, the check against foreign forms, health, the stylesheet, and its end. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import { type Clock, SystemClock } from "@troth/protocol";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from "fastify";
import { sql } from "kysely";
import type { FamilyContext } from "../context.ts";
import { sendProblem } from "./action.ts";
import { Problem } from "./problem.ts";

declare module "fastify" {
	interface FastifyContextConfig {
		/** A form of ours: taken from our own pages only. */
		form?: boolean;
	}
}

const REQUEST_MS = 60_000;
const HEADERS_MS = 15_000;
const BODY_BYTES = 2 << 20;
/** Running requests may take this long to end when the company stops. */
const GRACE_MS = 5_000;

/** A server that listens first, because its origin contains the port, and answers once the parts behind it are there. */
export interface Listening extends AsyncDisposable {
	readonly port: number;
	readonly app: FastifyInstance;
	/** Begins to answer; requests that came earlier have waited. */
	serve(): Promise<void>;
}

/** Rejects where the port can not be had. */
export async function listen(host: string, port: number, clock: Clock = new SystemClock()): Promise<Listening> {
	const ready = Promise.withResolvers<void>();
	ready.promise.catch(() => {});
	const running = new Set<ServerResponse>();
	const server: Server = createServer(
		{ requestTimeout: REQUEST_MS, headersTimeout: HEADERS_MS },
		(request, response) => {
			running.add(response);
			response.once("close", () => running.delete(response));
			ready.promise.then(
				() => app.routing(request, response),
				() => response.destroy(),
			);
		},
	);
	const app = Fastify({ logger: false, bodyLimit: BODY_BYTES, serverFactory: () => server });
	server.listen(port, host);
	await once(server, "listening");
	return {
		port: (server.address() as AddressInfo).port,
		app,
		async serve() {
			await app.ready();
			ready.resolve();
		},
		async [Symbol.asyncDispose]() {
			ready.reject(new Error("the company was stopped before it had started"));
			const closed = once(server, "close");
			server.close();
			server.closeIdleConnections();
			const grace = Promise.withResolvers<void>();
			const timer = clock.after(GRACE_MS, grace.resolve);
			const answered = Promise.all([...running].map((response) => once(response, "close")));
			await Promise.race([answered, grace.promise]);
			timer.cancel();
			server.closeAllConnections();
			await closed;
			await app.close();
		},
	};
}

/** What holds for every answer. Call it before any route is added. */
export async function prepareApp(app: FastifyInstance, context: FamilyContext): Promise<void> {
	await app.register(cookie);
	await app.register(formbody);
	const headers = headersFor(context.origin);
	const own = acceptedOrigins(context.origin);
	app.addHook("onRequest", async (request, reply) => {
		reply.headers(headers);
		if (isForeignForm(context, request, own))
			throw new Problem("WRONG_ORIGIN", "This came from another site, so nothing was done.");
	});
	app.setNotFoundHandler((request, reply) =>
		sendProblem(context, request, reply, new Problem("NOT_FOUND", "There is nothing here.")),
	);
	app.setErrorHandler<FastifyError | Problem>((error, request, reply) =>
		sendProblem(context, request, reply, toProblem(error)),
	);
	app.get("/healthz", async (_request, reply) => {
		await sql`select 1`.execute(context.records);
		return reply.header("cache-control", "no-store").send({ status: "ok" });
	});
	const style = await readFile(new URL("../pages/style.css", import.meta.url), "utf8");
	app.get("/style.css", (_request, reply) =>
		reply.type("text/css; charset=utf-8").header("cache-control", "max-age=300").send(style),
	);
}

function toProblem(error: FastifyError | Problem): Problem {
	if (error instanceof Problem) return error;
	if (error.statusCode !== undefined && error.statusCode < 500)
		return new Problem("MALFORMED", "The request could not be read.", { cause: error });
	return new Problem("INTERNAL", "Something went wrong here. It is not your fault.", { cause: error });
}

/**
 * A browser adds the cookie to whatever another site makes it send. It also says which site that was (Fetch standard,
 * `Origin`), so what changes something counts from our own pages only: with our cookie, and for the forms that need none.
 */
function isForeignForm(context: FamilyContext, request: FastifyRequest, own: ReadonlySet<string>): boolean {
	if (["GET", "HEAD", "OPTIONS"].includes(request.method)) return false;
	if (request.routeOptions.config.form !== true && !context.sessions.hasCookie(request)) return false;
	return !own.has(request.headers.origin ?? "");
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** On a loopback address the other names of the same socket count as well. */
function acceptedOrigins(origin: string): ReadonlySet<string> {
	const { protocol, hostname, port } = new URL(origin);
	if (!LOOPBACK.includes(hostname)) return new Set([origin]);
	return new Set(LOOPBACK.map((name) => `${protocol}//${name}${port === "" ? "" : `:${port}`}`));
}

/** `same-origin` and not `no-referrer`: under the latter browsers send `Origin: null` with our own forms. */
function headersFor(origin: string) {
	return {
		"content-security-policy": [
			"default-src 'none'",
			"style-src 'self'",
			"img-src 'self' data:",
			"form-action 'self'",
			"base-uri 'none'",
			"frame-ancestors 'none'",
		].join("; "),
		"cross-origin-opener-policy": "same-origin",
		"cross-origin-resource-policy": "same-origin",
		"permissions-policy": "geolocation=(), browsing-topics=()",
		"referrer-policy": "same-origin",
		"x-content-type-options": "nosniff",
		...(origin.startsWith("https:") && { "strict-transport-security": "max-age=63072000" }),
	};
}
