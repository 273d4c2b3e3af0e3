/**
 * The operator's own surface, on the messenger's origin (contract: `docs/sandbox.md`): JSON over HTTP with a bearer
 * token. Where no token is configured its paths do not exist.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { serveAbuse } from "../abuse/operator.ts";
import type { MessengerContext } from "../context.ts";
import { type BackupAct, backUpAsAsked } from "./backup.ts";
import { postBusiness } from "./businesses.ts";
import { describeRollout } from "./rollout.ts";
import { describeTerms, publishTerms } from "./terms.ts";

const TERMS_PATH = "/operator/terms";
const ROLLOUT_PATH = "/operator/rollout";
const BUSINESSES_PATH = "/operator/businesses";
const BACKUP_PATHS: Readonly<Record<string, BackupAct>> = {
	"/operator/backup": "take",
	"/operator/backup/verify": "verify",
	"/operator/backup/restore": "prepare",
};
const POLICY_BYTES = 1024 * 1024;
const BEARER = /^Bearer (\S+)$/;

/** Adds the operator's routes; none without a token. */
export function serveOperator(app: FastifyInstance, context: MessengerContext, token: string | undefined): void {
	if (token === undefined) return;
	app.register(async (scope) => {
		scope.addHook("onRequest", async (request, reply) => {
			reply.header("cache-control", "no-store");
			if (!holdsToken(request, token))
				return reply.code(401).header("www-authenticate", "Bearer").send({ error: "UNAUTHENTICATED" });
		});
		scope.get(TERMS_PATH, () => describeTerms(context));
		scope.post(TERMS_PATH, { bodyLimit: POLICY_BYTES }, async (request, reply) => {
			const { status, body } = await publishTerms(context, request.body);
			return reply.code(status).send(body);
		});
		scope.get(ROLLOUT_PATH, () => describeRollout(context));
		serveAbuse(scope, context);
		for (const [path, act] of Object.entries(BACKUP_PATHS))
			scope.post(path, async (request, reply) => {
				const { status, body } = await backUpAsAsked(context, act, request.body);
				return reply.code(status).send(body);
			});
		scope.post(BUSINESSES_PATH, async (request, reply) => {
			const { status, body } = await postBusiness(context, request.body);
			return reply.code(status).send(body);
		});
	});
}

function holdsToken({ headers }: FastifyRequest, token: string): boolean {
	const given = BEARER.exec(headers.authorization ?? "")?.[1];
	return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
	return createHash("sha256").update(text).digest();
}
