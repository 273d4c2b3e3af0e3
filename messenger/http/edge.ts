/**
 * The HTTP server: it listens first, because the origin that devices sign contains the port, and answers once the
 * parts behind it are there. Its end is gentle: no new connections, the running requests get their answers, then the
 * rest is cut.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, Refusal, ROUTES } from "@troth/protocol";
import Fastify, { type FastifyError, type FastifyInstance } from "fastify";
import { sql } from "kysely";
import type { MessengerContext } from "../context.ts";
import { serveOperator } from "../operator/serve-operator.ts";
import { serveOperatorPages } from "../operator-pages/serve-operator-pages.ts";
import { serveTermsPages } from "../terms-pages/serve-terms-pages.ts";
import { addSecurityHeaders } from "./headers.ts";
import { METHODS } from "./methods.ts";
import { toRefusal } from "./refusals.ts";
import { sendRefusal, serveMethods } from "./rpc.ts";
import { isPageRequest, serveWebApp } from "./web-app.ts";

/** A request has to be received within this time, its headers within the shorter one. */
const REQUEST_MS = 60_000;
const HEADERS_MS = 15_000;
const KEEP_ALIVE_MS = 20_000;
/** Running requests may take this long to end when the server stops. */
const GRACE_MS = 5_000;

export class Edge implements AsyncDisposable {
	readonly #clock: Clock;
	readonly #trustedProxies: readonly string[];
	readonly #ready = Promise.withResolvers<FastifyInstance>();
	readonly #running = new Set<ServerResponse>();
	#app: FastifyInstance | undefined;
	#serving = false;
	#closed: Promise<unknown> | undefined;
	/** For the stream's upgrades. */
	readonly server: Server;

	/** @param trustedProxies addresses whose `X-Forwarded-For` is believed; nobody's where it is left out */
	constructor(clock: Clock, trustedProxies: readonly string[] = []) {
		this.#clock = clock;
		this.#trustedProxies = trustedProxies;
		this.server = createServer(
			{ requestTimeout: REQUEST_MS, headersTimeout: HEADERS_MS, keepAliveTimeout: KEEP_ALIVE_MS },
			(request, response) => this.#answer(request, response),
		);
	}

	/** Resolves with the port. Rejects where it can not be had. */
	async listen(host: string, port: number): Promise<number> {
		this.server.listen(port, host);
		await once(this.server, "listening");
		return (this.server.address() as AddressInfo).port;
	}

	/**
	 * Begins to answer; requests that came earlier have waited.
	 *
	 * @param webRoot the web app's files, where it is served
	 * @param operatorToken bearer token of the operator API, where there is one
	 */
	async serve(
		context: MessengerContext,
		webRoot: string | undefined,
		operatorToken: string | undefined,
	): Promise<void> {
		const app = Fastify({
			logger: false,
			trustProxy: this.#trustedProxies.length === 0 ? false : [...this.#trustedProxies],
			serverFactory: () => this.server,
			frameworkErrors: (error, request, reply) => {
				sendRefusal(
					context,
					request,
					reply,
					new Refusal("MALFORMED", "the request could not be read", { cause: error }),
				);
			},
		});
		this.#app = app;
		addSecurityHeaders(app, context.origin, context.sharing?.logs.map(({ url }) => url) ?? []);
		app.addHook("onSend", async (_request, reply) => {
			if (this.#closed !== undefined) reply.header("connection", "close");
		});
		serveHealth(app, context);
		serveMethods(app, context, METHODS);
		serveOperator(app, context, operatorToken);
		await serveOperatorPages(app, context, operatorToken);
		await serveTermsPages(app, context);
		if (webRoot !== undefined) serveWebApp(app, webRoot);
		app.setNotFoundHandler((request, reply) => {
			if (webRoot !== undefined && isPageRequest(request)) return reply.sendFile("index.html");
			return sendRefusal(context, request, reply, new Refusal("NOT_FOUND", "no such path or method"));
		});
		app.setErrorHandler<FastifyError>((error, request, reply) => {
			const theirs = error.statusCode !== undefined && error.statusCode < 500;
			const refusal = theirs
				? new Refusal("MALFORMED", "the request could not be read", { cause: error })
				: toRefusal(error);
			return sendRefusal(context, request, reply, refusal);
		});
		await app.ready();
		this.#serving = true;
		this.#ready.resolve(app);
	}

	#answer(request: IncomingMessage, response: ServerResponse): void {
		this.#running.add(response);
		response.once("close", () => this.#running.delete(response));
		// Not before everything is registered: Fastify breaks on a request that comes while it gets ready.
		if (this.#app !== undefined && this.#serving) this.#app.routing(request, response);
		else
			this.#ready.promise.then(
				(app) => app.routing(request, response),
				() => response.destroy(),
			);
	}

	/** Takes no more connections; resolves when the running requests have their answers, or had time enough. */
	async drain(): Promise<void> {
		if (!this.server.listening) return;
		this.#closed = once(this.server, "close");
		this.server.close();
		const grace = Promise.withResolvers<void>();
		const timer = this.#clock.after(GRACE_MS, grace.resolve);
		const answered = Promise.all([...this.#running].map((response) => once(response, "close")));
		await Promise.race([answered, grace.promise]);
		timer.cancel();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.drain();
		this.#ready.promise.catch(() => {});
		this.#ready.reject(new EdgeStopped());
		this.server.closeAllConnections();
		await this.#closed;
		await this.#app?.close();
	}
}

/** The server was stopped before it had started. */
class EdgeStopped extends Error {
	override readonly name = "EdgeStopped";
}

/** 200 while the records answer. */
function serveHealth(app: FastifyInstance, { records }: MessengerContext): void {
	app.get(ROUTES.health, async (_request, reply) => {
		reply.header("cache-control", "no-store");
		try {
			await sql`select 1`.execute(records);
			return { status: "ok" };
		} catch {
			return reply.code(503).send({ status: "failing" });
		}
	});
}
