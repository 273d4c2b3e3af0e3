/** Headers of every answer: nothing of this origin runs foreign code, is framed, or tells where a person came from. */
import type { FastifyInstance } from "fastify";
import { acceptedOrigins } from "../sessions/origins.ts";

/**
 * The app's own files and nothing else. Inline styles are allowed because its dialogs set positions that way; inline
 * scripts are not. `'self'` does not cover WebSockets in every browser, so the stream's origin is named.
 */
function contentSecurityPolicy(origin: string, logs: readonly string[]): string {
	const streams = [...acceptedOrigins(origin)]
		// The grammar of the policy has no IPv6 literals; there `'self'` has to do.
		.filter((accepted) => !accepted.includes("["))
		.map((accepted) => accepted.replace(/^http/, "ws"));
	return [
		"default-src 'none'",
		"script-src 'self'",
		"worker-src 'self'",
		`connect-src 'self' ${[...streams, ...logs].join(" ")}`,
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' data: blob:",
		"media-src 'self' blob:",
		"font-src 'self'",
		"manifest-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	].join("; ");
}

/** As far as the grammar of the policy can name them. */
function logOrigins(logs: readonly string[]): readonly string[] {
	const origins = new Set(logs.map((url) => new URL(url).origin));
	return [...origins].filter((origin) => !origin.includes("["));
}

/**
 * Sets the headers on every answer, refusals and files included.
 *
 * @param logs addresses of the public logs, which devices read themselves
 */
export function addSecurityHeaders(app: FastifyInstance, origin: string, logs: readonly string[]): void {
	const headers = {
		"content-security-policy": contentSecurityPolicy(origin, logOrigins(logs)),
		"cross-origin-opener-policy": "same-origin",
		"cross-origin-resource-policy": "same-origin",
		"permissions-policy": "camera=(self), geolocation=(), browsing-topics=()",
		"referrer-policy": "no-referrer",
		"x-content-type-options": "nosniff",
		...(origin.startsWith("https:") && { "strict-transport-security": "max-age=63072000" }),
	};
	app.addHook("onRequest", async (_request, reply) => {
		reply.headers(headers);
	});
}
