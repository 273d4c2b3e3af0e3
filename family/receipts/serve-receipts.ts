import { readLogFile } from "@troth/transparency/log/tile-log.node.ts";
import type { FastifyInstance } from "fastify";
import { Problem } from "../http/problem.ts";

/** The log of receipts for whoever wants to read it (C2SP tlog-tiles): `/receipts/checkpoint`, `/receipts/tile/…`. */
export function serveReceipts(app: FastifyInstance, directory: string): void {
	app.get<{ Params: { "*": string } }>("/receipts/*", async (request, reply) => {
		const file = await readLogFile(directory, `/${request.params["*"]}`);
		if (file === undefined) throw new Problem("NOT_FOUND", "The log has nothing there.");
		return reply.headers(file.headers).header("access-control-allow-origin", "*").send(Buffer.from(file.body));
	});
}
