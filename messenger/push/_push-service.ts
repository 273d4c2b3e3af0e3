/** A push service in this process: what RFC 8030 and RFC 8292 ask of one, and what it could learn. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { importJWK, jwtVerify } from "jose";

export interface WakeUp {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
}

export class PushService implements AsyncDisposable {
	readonly url: string;
	/** All that came, in its order. */
	readonly wakeUps: WakeUp[] = [];
	/** Answers to the next ones on a path; 201 when there is none. */
	readonly answers: { readonly path: string; readonly status: number; readonly headers?: Record<string, string> }[] =
		[];
	readonly #close: () => Promise<void>;

	private constructor(url: string, close: () => Promise<void>) {
		this.url = url;
		this.#close = close;
	}

	static async open(): Promise<PushService> {
		const server = createServer(async (request, response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk as Buffer);
			service.wakeUps.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) });
			const at = service.answers.findIndex(({ path }) => path === request.url);
			const { status, headers = {} } = (at === -1 ? undefined : service.answers.splice(at, 1)[0]) ?? { status: 201 };
			response.writeHead(status, headers).end();
		}).listen(0, "127.0.0.1");
		await once(server, "listening");
		const service = new PushService(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => {
			server.close();
			server.closeAllConnections();
		});
		return service;
	}

	/** The claims of a request's token, verified as a push service does it (RFC 8292 section 4). Rejects where it is none. */
	async claims({ headers }: WakeUp, now: Date): Promise<{ readonly sub: unknown; readonly key: Buffer }> {
		const [, token, k] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(headers.authorization ?? "") ?? [];
		const key = Buffer.from(k ?? "", "base64url");
		if (key.length !== 65 || key[0] !== 4) throw new Error("the key is not an uncompressed point");
		const jwk = {
			...{ kty: "EC", crv: "P-256" },
			...{ x: key.subarray(1, 33).toString("base64url"), y: key.subarray(33).toString("base64url") },
		};
		const { payload } = await jwtVerify(token ?? "", await importJWK(jwk, "ES256"), {
			audience: this.url,
			algorithms: ["ES256"],
			currentDate: now,
		});
		if ((payload.exp ?? Number.POSITIVE_INFINITY) * 1000 > now.getTime() + 24 * 3600 * 1000)
			throw new Error("the token is good for more than a day");
		return { sub: payload.sub, key };
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#close();
	}
}
