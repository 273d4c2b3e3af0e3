/** A business's own webhook: answers the handshake, keeps what came, and checks the signatures. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Status {
	readonly id: string;
	readonly status: string;
	readonly errors?: readonly { readonly code: number }[];
}

interface Inbound {
	readonly id: string;
	readonly text?: { readonly body: string };
}

export interface Hook extends AsyncDisposable {
	readonly url: string;
	/** Anything goes until it is set. */
	verifyToken: string | undefined;
	/** The handshake was made. */
	readonly verified: boolean;
	statuses(...which: string[]): readonly Status[];
	messages(): readonly Inbound[];
	/** Did something come, and was all of it signed with this secret? */
	signedBy(appSecret: string): boolean;
}

interface Change {
	readonly value: { readonly statuses?: readonly Status[]; readonly messages?: readonly Inbound[] };
}

export async function answerHook(): Promise<Hook> {
	const received: { readonly body: Buffer; readonly signature: string | undefined }[] = [];
	let verified = false;
	const server = createServer(async (request, response) => {
		const url = new URL(request.url ?? "/", "http://hook");
		if (request.method === "GET") {
			const given = url.searchParams.get("hub.verify_token");
			const right = hook.verifyToken === undefined || given === hook.verifyToken;
			verified ||= right && url.searchParams.get("hub.mode") === "subscribe";
			response.writeHead(right ? 200 : 403).end(url.searchParams.get("hub.challenge") ?? "");
			return;
		}
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		received.push({ body: Buffer.concat(chunks), signature: request.headers["x-hub-signature-256"]?.toString() });
		response.writeHead(200).end();
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const values = () =>
		received.flatMap(({ body }) => {
			const { entry = [] } = JSON.parse(String(body)) as { entry?: readonly { changes: readonly Change[] }[] };
			return entry.flatMap(({ changes }) => changes.map(({ value }) => value));
		});
	const hook: Hook = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
		verifyToken: undefined,
		get verified() {
			return verified;
		},
		statuses: (...which) =>
			values()
				.flatMap(({ statuses = [] }) => statuses)
				.filter(({ status }) => which.includes(status)),
		messages: () => values().flatMap(({ messages = [] }) => messages),
		signedBy: (appSecret) =>
			received.length > 0 &&
			received.every(
				({ body, signature }) => signature === `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`,
			),
		async [Symbol.asyncDispose]() {
			const closed = once(server, "close");
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
	return hook;
}
