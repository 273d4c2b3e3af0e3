/** Tokens of programs that are not people: the operator, the bridge. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";

/** Does the request carry exactly this bearer token? Takes the same time whatever it carries. An empty token is none. */
export function hasBearer(request: FastifyRequest, token: string): boolean {
	const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
	return timingSafeEqual(digest(given), digest(token)) && token !== "";
}

function digest(text: string): Buffer {
	return createHash("sha256").update(text).digest();
}
