/** Serves the built web app: a single page whose paths all lead to `index.html`. */
import { relative } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Below this path the build puts a hash of the content into every name: such a file never changes. */
const HASHED = "assets/";
const FOREVER = "public, max-age=31536000, immutable";
const ASK_EACH_TIME = "no-cache";

/** The auditor's page reads logs wherever they are; it has no device and no account. */
const AUDITOR = "auditor/";
const AUDITOR_POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"connect-src 'self' https: http:",
	"style-src 'self' 'unsafe-inline'",
	"img-src 'self'",
	"font-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join("; ");

/** Adds the files of `directory` at `/`. */
export function serveWebApp(app: FastifyInstance, directory: string): void {
	app.get("/auditor", (_request, reply) => reply.redirect("/auditor/"));
	app.register(fastifyStatic, {
		root: directory,
		wildcard: true,
		dotfiles: "ignore",
		cacheControl: false,
		// `app.js.br` or `app.js.gz` beside `app.js`, where the build made them.
		preCompressed: true,
		setHeaders: (reply, path) => {
			const below = relative(directory, path).replaceAll("\\", "/");
			reply.header("cache-control", below.startsWith(HASHED) ? FOREVER : ASK_EACH_TIME);
			if (below.startsWith(AUDITOR)) reply.header("content-security-policy", AUDITOR_POLICY);
		},
	});
}

/**
 * May this request, which no route or file answers, be answered with the app's page? Only what a browser asks for to
 * show a page, and never the paths of machines.
 */
export function isPageRequest(request: FastifyRequest): boolean {
	const path = request.url.split("?", 1)[0] ?? "";
	return (
		(request.method === "GET" || request.method === "HEAD") &&
		request.headers.accept?.includes("text/html") === true &&
		!/\.[^/]*$/.test(path) &&
		!/^\/(sandbox|operator|stream|healthz|assets)(\/|$)/.test(path)
	);
}
