/**
 * The sandbox's own HTTP server: the movable clock, the codes that were sent, and what the companies know about a
 * number. It exists nowhere else.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ROUTES } from "@troth/protocol";
import * as v from "valibot";

/** What the two endpoints need. */
export interface Controls {
	now(): number;
	/** Moves every component's clock; resolves when all of them have. */
	advance(ms: number): Promise<void>;
	/** The last code sent to a number. */
	codeFor(phone: string): string | undefined;
	/** What every company answers about a number; undefined where there is none. */
	readonly knows?: (phone: string) => Promise<readonly unknown[]>;
}

const Advance = v.object({
	advanceMs: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100 * 365 * 24 * 3600_000)),
});
const BODY_BYTES = 4096;

/** Listens on a free loopback port. */
export async function serveControls(controls: Controls): Promise<AsyncDisposable & { readonly url: string }> {
	const server: Server = createServer((request, response) => {
		answer(controls, request, response).catch(() => reply(response, 500, { error: "the sandbox failed" }));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async [Symbol.asyncDispose]() {
			server.close();
			server.closeAllConnections();
			await once(server, "close");
		},
	};
}

async function answer(controls: Controls, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const url = new URL(request.url ?? "/", "http://sandbox");
	// An unescaped plus sign in a query means a space; numbers are written with one all the same.
	const phone = (url.searchParams.get("phone") ?? "").replace(/^ /, "+");
	if (url.pathname === ROUTES.sandboxKnows && request.method === "GET" && controls.knows !== undefined) {
		const items = await controls.knows(phone);
		return reply(response, 200, { known: items.length > 0, items });
	}
	if (url.pathname === ROUTES.sandboxSms && request.method === "GET") {
		const code = controls.codeFor(phone);
		return code === undefined
			? reply(response, 404, { error: "no code was sent to this number" })
			: reply(response, 200, { code });
	}
	if (url.pathname === ROUTES.sandboxClock && request.method === "GET")
		return reply(response, 200, { now: controls.now() });
	if (url.pathname === ROUTES.sandboxClock && request.method === "POST") {
		const body = v.safeParse(Advance, await readJson(request));
		if (!body.success) return reply(response, 400, { error: 'send {"advanceMs": a whole number of milliseconds}' });
		await controls.advance(body.output.advanceMs);
		return reply(response, 200, { now: controls.now() });
	}
	return reply(response, 404, { error: "no such path" });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
	let text = "";
	for await (const chunk of request) {
		text += chunk;
		if (text.length > BODY_BYTES) return undefined;
	}
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function reply(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
