/** The service's HTTP: embedded pages and what they ask, the host's calls, the operator's, and health. */
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { sql } from "kysely";
import type { BesideContext } from "../context.ts";
import { serveHostEvents } from "../host/host-events.ts";
import { serveOperator } from "./operator.ts";
import { servePages } from "./pages.ts";
import { serveRpc } from "./rpc.ts";
import { serveGrants, serveSessions } from "./session.ts";

export interface EdgeOptions {
	readonly host: string;
	readonly port: number;
	readonly pages: { readonly root: string; readonly origins: readonly string[] } | undefined;
	readonly eventsSecret: string;
	readonly operatorToken: string;
}

const REQUEST_MS = 60_000;
const KEEP_ALIVE_MS = 20_000;

/** Listens and answers. The caller closes it. Rejects where the port can not be had. */
export async function startEdge(
	context: BesideContext,
	options: EdgeOptions,
): Promise<{ readonly app: FastifyInstance; readonly url: string }> {
	const app = Fastify({ logger: false, requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS });
	app.addHook("onRequest", async (_request, reply) => {
		reply.headers({
			"cache-control": "no-store",
			"content-security-policy": "default-src 'none'; frame-ancestors 'none'",
			"referrer-policy": "no-referrer",
			"x-content-type-options": "nosniff",
		});
	});
	app.setErrorHandler((error, _request, reply) => {
		const status = (error as { statusCode?: number }).statusCode ?? 500;
		if (status >= 500) context.events.failed("http", error);
		return reply.code(status).send({ error: status >= 500 ? "INTERNAL" : "MALFORMED" });
	});
	app.get("/healthz", async (_request, reply) => {
		try {
			await sql`select 1`.execute(context.records);
			return { status: "ok" };
		} catch {
			return reply.code(503).send({ status: "failing" });
		}
	});
	serveSessions(app, context);
	serveGrants(app, context);
	serveRpc(app, context);
	serveHostEvents(app, context, options.eventsSecret);
	serveOperator(app, context, options.operatorToken);
	if (options.pages !== undefined) {
		const logs = context.sharing.logs.map(({ url }) => url);
		await servePages(app, options.pages.root, { origins: options.pages.origins, logs });
	}
	await app.listen({ host: options.host, port: options.port });
	const { port } = app.server.address() as AddressInfo;
	return { app, url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}` };
}
