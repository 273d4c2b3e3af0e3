/** The door's logs for whoever wants to read them (C2SP tlog-tiles), and the index of chain values (ADR 0010). */
import type { FastifyInstance } from "fastify";
import type { DoorContext } from "../context.ts";
import type { StoredLog } from "../log/stored-log.ts";

/** Where each log begins, below the door's address. */
export const LOG_PATHS = { shares: "", policy: "/policy", index: "/index" } as const;

/** Adds `/checkpoint` and `/tile/…` of each log, for pages of any origin: an auditor may live in a browser. */
export function serveLogs(app: FastifyInstance, { log, policyLog, chainIndex }: DoorContext): void {
	serveLog(app, LOG_PATHS.shares, log);
	serveLog(app, LOG_PATHS.policy, policyLog);
	serveLog(app, LOG_PATHS.index, chainIndex.log);
}

function serveLog(app: FastifyInstance, base: string, log: StoredLog): void {
	for (const path of ["/checkpoint", "/tile/*"]) {
		app.get(base + path, async (request, reply) => {
			reply.header("access-control-allow-origin", "*");
			const [asked = ""] = request.url.slice(base.length).split("?");
			const file = await log.file(asked);
			if (file === undefined) return reply.code(404).send({ error: "not in the log" });
			return reply.headers(file.headers).send(Buffer.from(file.body.buffer));
		});
	}
}

/**
 * Adds `/index/head` and `/index/bucket/BITS/NUMBER`, without a session: who asks tells no more than the bucket.
 *
 * @param bring has the index brought up to date where it is time
 */
export function serveChainIndex(app: FastifyInstance, { chainIndex }: DoorContext, bring: () => Promise<void>): void {
	const headers = {
		"access-control-allow-origin": "*",
		"cache-control": "no-cache",
		"content-type": "text/plain; charset=utf-8",
	};
	app.get(`${LOG_PATHS.index}/head`, async (_request, reply) => {
		if (chainIndex.isDue(true)) await bring();
		const { head } = chainIndex;
		if (head === undefined) return reply.code(404).headers(headers).send("there is no index yet\n");
		return reply.headers(headers).send(head);
	});
	app.get<{ Params: { bits: string; bucket: string } }>(
		`${LOG_PATHS.index}/bucket/:bits/:bucket`,
		async ({ params }, reply) => {
			const numbers = [params.bits, params.bucket].filter((text) => /^(0|[1-9]\d{0,9})$/.test(text)).map(Number);
			const [bits, number] = numbers;
			const known = numbers.length === 2 && bits !== undefined && number !== undefined;
			const bucket = known ? await chainIndex.bucket(bits, number) : undefined;
			if (bucket === undefined) return reply.code(404).headers(headers).send("the index has no such bucket now\n");
			return reply.headers(headers).send(bucket);
		},
	);
}
