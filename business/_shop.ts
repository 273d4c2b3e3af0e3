/** A shop with a gateway on a real messenger, people with real devices, and a receiver for its webhooks. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Person, startWorld, type TestWorld, until } from "@troth/client/stories/_people.ts";
import type { ConversationId } from "@troth/protocol";
import { type Gateway, type GatewayOptions, startGateway } from "./gateway.ts";
import { SAMPLE_TEMPLATES } from "./templates/samples.ts";

const OPERATOR_TOKEN = "operator-token";
export const SHOP = {
	name: "Corner Shop",
	phone: "+15550108000",
	wabaId: "102030405060708",
	phoneNumberId: "208030405060701",
	businessId: "308030405060702",
	appId: "408030405060703",
	accessToken: "shop-access-token",
	appSecret: "shop-app-secret",
	verifyToken: "shop-verify-token",
	graphVersion: "v23.0",
} as const;

/** One POST that the receiver got. */
export interface Received {
	readonly raw: string;
	readonly signature: string | undefined;
	/** `value` of its only change. */
	readonly value: Value;
}

export interface Value {
	readonly metadata: { readonly phone_number_id: string };
	readonly contacts?: readonly { readonly wa_id: string; readonly profile: { readonly name: string } }[];
	readonly messages?: readonly Inbound[];
	readonly statuses?: readonly Status[];
}

export interface Inbound {
	readonly from: string;
	readonly id: string;
	readonly timestamp: string;
	readonly type: string;
	readonly text: { readonly body: string };
	readonly context?: { readonly from: string; readonly id: string };
}

export interface Status {
	readonly id: string;
	readonly status: string;
	readonly recipient_id: string;
	readonly biz_opaque_callback_data?: string;
	readonly errors?: readonly { readonly code: number }[];
}

/** What the shop's own software would be: it takes webhooks, or fails. */
export class Receiver implements AsyncDisposable {
	readonly received: Received[] = [];
	/** What POSTs are answered with; they count as received only when it is 200. */
	status = 200;
	/** POSTs, refused ones included. */
	posts = 0;
	verifyToken: string = SHOP.verifyToken;
	readonly #server: Server;

	private constructor(server: Server) {
		this.#server = server;
	}

	static async start(): Promise<Receiver> {
		const server = createServer();
		const receiver = new Receiver(server);
		server.on("request", (request, response) => void receiver.#answer(request, response));
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		return receiver;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		if (request.method === "GET") {
			const query = new URL(request.url ?? "", this.url).searchParams;
			const known = query.get("hub.mode") === "subscribe" && query.get("hub.verify_token") === this.verifyToken;
			response.statusCode = known ? 200 : 403;
			response.end(known ? query.get("hub.challenge") : "no");
			return;
		}
		const raw = await text(request);
		this.posts++;
		response.statusCode = this.status;
		response.end();
		if (this.status !== 200) return;
		const signature = request.headers["x-hub-signature-256"];
		const value = JSON.parse(raw).entry[0].changes[0].value as Value;
		this.received.push({ raw, signature: typeof signature === "string" ? signature : undefined, value });
	}

	get inbound(): readonly Inbound[] {
		return this.received.flatMap(({ value }) => value.messages ?? []);
	}

	/** The statuses of one message, in the order they came. */
	statuses(wamid: string): readonly string[] {
		return this.received
			.flatMap(({ value }) => value.statuses ?? [])
			.flatMap((one) => (one.id === wamid ? [one.status] : []));
	}

	get failures(): readonly Status[] {
		return this.received.flatMap(({ value }) => value.statuses ?? []).filter(({ status }) => status === "failed");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}

export interface Answer {
	readonly status: number;
	readonly body: {
		readonly error?: {
			readonly code: number;
			readonly message: string;
			readonly error_data: { readonly details: string };
		};
		readonly messages?: readonly { readonly id: string }[];
		readonly contacts?: readonly { readonly input: string; readonly wa_id: string }[];
		readonly [name: string]: unknown;
	};
}

export interface Shop extends AsyncDisposable {
	readonly world: TestWorld;
	readonly receiver: Receiver;
	readonly directory: string;
	gateway: Gateway;
	/** Calls the Cloud API with the shop's token. */
	call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
	/** Sends a message; gives the answer. */
	send(to: string, message: Readonly<Record<string, unknown>>): Promise<Answer>;
	/** The options that start this shop's gateway. */
	readonly options: GatewayOptions;
}

/** Resolves with everything running: the business approved, its templates registered, the webhook verified. */
export async function openShop({
	webhook = true,
	...town
}: {
	readonly webhook?: boolean;
	readonly webRoot?: string;
} = {}): Promise<Shop> {
	await using undo = new AsyncDisposableStack();
	const world = undo.use(await startWorld({ operatorToken: OPERATOR_TOKEN, ...town }));
	const receiver = undo.use(await Receiver.start());
	const directory = await mkdtemp(join(tmpdir(), "troth-shop-"));
	undo.defer(() => rm(directory, { recursive: true }));
	const options: GatewayOptions = {
		...SHOP,
		...{ clock: world.clock, directory, host: "127.0.0.1", port: 0, server: world.url },
		...(webhook && { webhookUrl: receiver.url }),
		code: async () => world.code(SHOP.phone),
	};
	const gateway = await startGateway(options);
	const shop: Shop = {
		...{ world, receiver, directory, gateway, options },
		call: (method, path, body, headers) => call(shop.gateway.url, method, path, body, headers),
		send: (to, message) =>
			shop.call("POST", `/v23.0/${SHOP.phoneNumberId}/messages`, { messaging_product: "whatsapp", to, ...message }),
		async [Symbol.asyncDispose]() {
			await shop.gateway[Symbol.asyncDispose]();
			await rest.disposeAsync();
		},
	};
	await approve(world.url);
	for (const template of Object.values(SAMPLE_TEMPLATES)) await gateway.putTemplate(template);
	const rest = undo.move();
	return shop;
}

export async function approve(server: string, phone: string = SHOP.phone, name: string = SHOP.name): Promise<number> {
	const response = await fetch(`${server}/operator/businesses`, {
		method: "POST",
		headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, "content-type": "application/json" },
		body: JSON.stringify({ phone, name }),
	});
	return response.status;
}

export async function call(
	url: string,
	method: string,
	path: string,
	body?: unknown,
	headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
	const response = await fetch(url + path, {
		method,
		headers: {
			authorization: `Bearer ${SHOP.accessToken}`,
			...(body !== undefined && { "content-type": "application/json" }),
			...headers,
		},
		...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
	});
	return { status: response.status, body: (await response.json()) as Answer["body"] };
}

export const TEXT = (body: string) => ({ type: "text", text: { body } });

export const TEMPLATE = (name: string, ...words: readonly string[]) => ({
	type: "template",
	template: {
		name,
		language: { code: "en_US" },
		components: words.length === 0 ? [] : [{ type: "body", parameters: words.map((text) => ({ type: "text", text })) }],
	},
});

/** The person writes to the shop; resolves with the conversation when the shop's software has it. */
export async function writeTo(shop: Shop, person: Person, words: string): Promise<ConversationId> {
	const conversation = await person.device.openDirect(shop.gateway.account);
	await person.say(conversation, words);
	await until("the shop hears it", () => shop.receiver.inbound.some(({ text }) => text.body === words));
	return conversation;
}

/** The person's texts from the shop. */
export async function textsFrom(shop: Shop, person: Person): Promise<readonly string[]> {
	const conversation = await person.device.openDirect(shop.gateway.account);
	return (await person.rows(conversation)).flatMap(({ body, sender }) =>
		body.kind === "text" && sender?.self === false ? [body.text] : [],
	);
}

export function idOf({ body }: Answer): string {
	const id = body.messages?.[0]?.id;
	if (id === undefined) throw new Error(`not sent: ${JSON.stringify(body)}`);
	return id;
}
