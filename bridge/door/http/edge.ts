/** The door's HTTP: the share log for everybody, the shares of one account for the messenger, and health. */
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { sql } from "kysely";
import type { DoorContext } from "../context.ts";
import { serveFigures } from "../figures/public-figures.ts";
import { serveBridgeService } from "./bridge-service.ts";
import { servePublished } from "./published.ts";
import { serveChainIndex, serveLogs } from "./share-log.ts";

const REQUEST_MS = 60_000;
const KEEP_ALIVE_MS = 20_000;

export interface EdgeOptions {
	readonly host: string;
	/** 0 for any free one. */
	readonly port: number;
	/** Bearer token of BridgeService. */
	readonly token: string;
}

/**
 * Listens and answers. The caller closes it. Rejects where the port can not be had.
 *
 * @param bringIndex has the index of chain values brought up to date
 */
export async function startEdge(
	context: DoorContext,
	{ host, port, token }: EdgeOptions,
	bringIndex: () => Promise<void>,
): Promise<{ readonly app: FastifyInstance; readonly url: string }> {
	const app = Fastify({ logger: false, requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS });
	app.addHook("onRequest", async (_request, reply) => {
		reply.headers({
			"content-security-policy": "default-src 'none'; frame-ancestors 'none'",
			"referrer-policy": "no-referrer",
			"x-content-type-options": "nosniff",
		});
	});
	app.setErrorHandler((error, _request, reply) => {
		const status = (error as { statusCode?: number }).statusCode ?? 500;
		if (status >= 500) context.events.failed("http", error);
		return reply.code(status).send({ error: status >= 500 ? "failing" : "the request could not be read" });
	});
	serveHealth(app, context);
	serveLogs(app, context);
	serveChainIndex(app, context, bringIndex);
	serveFigures(app, context);
	servePublished(app, context);
	serveBridgeService(app, context, token);
	await app.listen({ host, port });
	const { port: bound } = app.server.address() as AddressInfo;
	return { app, url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}` };
}

/** 200 while the door's own store answers. */
function serveHealth(app: FastifyInstance, { store }: DoorContext): void {
	app.get("/healthz", async (_request, reply) => {
		reply.header("cache-control", "no-store");
		try {
			await sql`select 1`.execute(store);
			return { status: "ok" };
		} catch {
			return reply.code(503).send({ status: "failing" });
		}
	});
}
