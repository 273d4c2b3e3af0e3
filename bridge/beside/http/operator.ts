/** The operator's surface: JSON over HTTP with a bearer token, as on a messenger. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { describeTerms, publishTerms } from "../../asking/operate-terms.ts";
import type { BesideContext } from "../context.ts";

const TERMS_PATH = "/operator/terms";
const POLICY_BYTES = 1024 * 1024;

export function serveOperator(app: FastifyInstance, { terms, narrowing, events }: BesideContext, token: string): void {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	app.register(async (scope) => {
		scope.addHook("onRequest", async (request, reply) => {
			if (!timingSafeEqual(digest(request.headers.authorization ?? ""), digest(`Bearer ${token}`)))
				return reply.code(401).header("www-authenticate", "Bearer").send({ error: "UNAUTHENTICATED" });
		});
		scope.get(TERMS_PATH, async () => describeTerms(terms));
		scope.post(TERMS_PATH, { bodyLimit: POLICY_BYTES }, async (request, reply) => {
			const { status, body } = await publishTerms(terms, request.body);
			// What it takes away is taken at once; what fails here is taken up again by the job.
			if (status === 201) narrowing.run().catch((error: unknown) => events.jobFailed("terms-narrowing", error));
			return reply.code(status).send(body);
		});
	});
}
