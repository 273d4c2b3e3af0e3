/** The share log for whoever wants to read it (C2SP tlog-tiles). */
import type { FastifyInstance } from "fastify";
import type { DoorContext } from "../context.ts";

/** Adds `/checkpoint` and `/tile/…`, for pages of any origin: an auditor may live in a browser. */
export function serveShareLog(app: FastifyInstance, { log }: DoorContext): void {
	for (const path of ["/checkpoint", "/tile/*"]) {
		app.get(path, async (request, reply) => {
			reply.header("access-control-allow-origin", "*");
			const [asked = ""] = request.url.split("?");
			const file = await log.file(asked);
			if (file === undefined) return reply.code(404).send({ error: "not in the log" });
			return reply.headers(file.headers).send(Buffer.from(file.body.buffer));
		});
	}
}
