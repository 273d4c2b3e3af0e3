/** The embedded pages: a built page and its files, read once, framed by the host's own origins and by nobody else. */
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import type { FastifyInstance } from "fastify";

/** Below this lies the page with its files; the host's snippet is `/embed.js`. */
const PREFIX = "/embed/";

const TYPES: { readonly [extension: string]: string } = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".woff2": "font/woff2",
};

/** Whose page may frame these pages, and what they may ask beside this service. */
export interface PagesAround {
	/** Of the host's pages, as "https://app.example". */
	readonly origins: readonly string[];
	/** Addresses of the public logs that a browser holds against what it is told. */
	readonly logs: readonly string[];
}

export async function servePages(app: FastifyInstance, root: string, { origins, logs }: PagesAround): Promise<void> {
	const found = await readdir(root, { recursive: true, withFileTypes: true });
	const policy = [
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"font-src 'self'",
		"img-src 'self' data:",
		`connect-src ${["'self'", ...new Set(logs.map((url) => new URL(url).origin))].join(" ")}`,
		"base-uri 'none'",
		"form-action 'none'",
		`frame-ancestors ${origins.length === 0 ? "'none'" : origins.join(" ")}`,
	].join("; ");
	for (const entry of found) {
		const type = TYPES[extname(entry.name)];
		if (!entry.isFile() || type === undefined) continue;
		const file = join(entry.parentPath, entry.name);
		const body = await readFile(file);
		const path = relative(root, file).split(sep).join("/");
		const cache = path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
		const routes = path === "index.html" ? [PREFIX] : path === "embed.js" ? ["/embed.js"] : [PREFIX + path];
		for (const route of routes)
			app.get(route, async (_request, reply) =>
				reply.headers({ "content-type": type, "cache-control": cache, "content-security-policy": policy }).send(body),
			);
	}
}
