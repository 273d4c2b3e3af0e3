/** A shop with customers of its own, the bridge beside it, and the parent as it really is: all of it in this process. */
import { createHmac, generateKeyPairSync, type KeyPairKeyObjectResult, randomBytes, sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SystemClock } from "@troth/protocol";
import type { LogTrust } from "@troth/transparency";
import { startWitness } from "@troth/transparency/witness/witness.node.ts";
import {
	type Beside,
	besideKeys,
	type FactsAt,
	signHostEvent,
	startBeside,
	startBesideDoor,
} from "../../bridge/beside/index.ts";
import { type Door, doorKeys } from "../../bridge/door/index.ts";
import { EmbeddedPerson } from "../../client/beside/embedded-person.ts";
import type { KeptForPerson, KeyStore } from "../../client/beside/keys.ts";
import { Middleman } from "../../client/stories/_lying.ts";
import { Company } from "./_parent.ts";

const AUDIENCE = "https://consent.shop.example";
const SECRET = "what the shop signs its customers' tokens with";
const EVENTS_SECRET = "what the shop signs its calls with";
const OPERATOR = "operator of the bridge";
const FACTS_TOKEN = "bridge to shop";
const LOG_NAME = "shop.example/shares";

/** The shop: who its customers are, and what their numbers are. */
export class Shop implements AsyncDisposable {
	readonly phones = new Map<string, string>();
	/** What else it says of a customer, as it calls it. */
	readonly remarks = new Map<string, object>();
	/** How its messages were delivered, by day. */
	readonly sent = new Map<string, readonly object[]>();
	/** What the bridge told it, signed; it takes nothing while it is deaf. */
	readonly told: object[] = [];
	deaf = false;
	/** What it was asked, as "GET friend_suggestions". */
	readonly asked: string[] = [];
	#server: Server | undefined;
	#port = 0;

	get url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	async open(): Promise<void> {
		const server = createServer((request, response) => {
			const { pathname, searchParams } = new URL(request.url ?? "", this.url);
			if (pathname === "/objections") return void this.#hear(request, response);
			const day = searchParams.get("day");
			if (day !== null) {
				this.asked.push(`GET deliveries ${day}`);
				response.writeHead(200, { "content-type": "application/json" });
				return response.end(JSON.stringify({ cells: this.sent.get(day) ?? [] }));
			}
			const id = decodeURIComponent(pathname.split("/").at(-1) ?? "");
			const phone = this.phones.get(id);
			const allowed = request.headers.authorization === `Bearer ${FACTS_TOKEN}`;
			this.asked.push(`${request.method} ${searchParams.get("purpose") ?? ""}`.trim());
			response.writeHead(allowed ? (phone === undefined ? 404 : 200) : 401, { "content-type": "application/json" });
			response.end(JSON.stringify({ mobile: phone, basket: "rye bread, secretly", ...this.remarks.get(id) }));
		});
		await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
		this.#port = (server.address() as AddressInfo).port;
		this.#server = server;
	}

	async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
		let body = "";
		for await (const chunk of request) body += chunk;
		const signature = String(request.headers["troth-signature"]);
		const time = Number(/^t=(\d+)/.exec(signature)?.[1]);
		const taken = !this.deaf && signature === signHostEvent(EVENTS_SECRET, time, body);
		if (taken) this.told.push(JSON.parse(body));
		response.writeHead(taken ? 204 : 503).end();
	}

	async close(): Promise<void> {
		const server = this.#server;
		server?.closeAllConnections();
		if (server !== undefined) await new Promise((resolve) => server.close(resolve));
		this.#server = undefined;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}
}

/** A browser's memory, as long as the test lasts. */
export function newBrowser(): KeyStore {
	const pairs = new Map<string, KeyPairKeyObjectResult>();
	const kept = new Map<string, KeptForPerson>();
	return {
		async key(person) {
			const { publicKey, privateKey } = pairs.get(person) ?? generateKeyPairSync("ed25519");
			pairs.set(person, { publicKey, privateKey });
			return {
				publicKey: Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url"),
				sign: async (bytes) => sign(null, bytes, privateKey),
			};
		},
		read: async (person) => kept.get(person),
		write: async (person, value) => void kept.set(person, value),
	};
}

/** What a host's server makes for its logged-in person, by hand: HS256 over header and claims. */
export function hostToken(
	claims: Readonly<Record<string, unknown>>,
	{ secret = SECRET, header = { alg: "HS256" } as object } = {},
): string {
	const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
	const signed = `${part(header)}.${part(claims)}`;
	return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

export interface BesideWorld extends AsyncDisposable {
	readonly clock: SystemClock;
	readonly directory: string;
	readonly shop: Shop;
	readonly beside: Beside;
	readonly door: Door;
	readonly family: Company;
	/** Between people's browsers and everything. */
	readonly man: Middleman;
	/** Everything that service and door wrote. */
	readonly log: readonly string[];
	/** The claims of a fresh token. */
	claims(id: string, more?: object): Readonly<Record<string, unknown>>;
	/** Somebody of the shop opens the page in this browser. */
	visit(id: string, browser?: KeyStore, more?: object): Promise<EmbeddedPerson>;
	/** The shop tells of one of its customers; gives the answer's status. */
	tell(
		type: string,
		id: string,
		wrong?: { readonly secret?: string; readonly lateMs?: number; readonly more?: object },
	): Promise<number>;
	operate(body: unknown): Promise<number>;
	/** Seconds pass until this holds; rejects where it does not within a minute. */
	until(what: string, holds: () => Promise<boolean> | boolean): Promise<void>;
	/** Service and door end and start again. */
	restart(): Promise<void>;
}

export async function startBesideWorld(): Promise<BesideWorld> {
	await using undo = new AsyncDisposableStack();
	const clock = new SystemClock();
	const directory = await mkdtemp(join(tmpdir(), "troth-beside-"));
	undo.defer(() => rm(directory, { recursive: true, force: true }));
	const at = (part: string) => join(directory, part);
	const log: string[] = [];
	const man = new Middleman();
	const note = (line: string) => void log.push(line);
	const shop = undo.use(new Shop());
	await shop.open();
	const { vkey: shareLog, policyVkey, indexVkey } = await doorKeys(at("door"), LOG_NAME);
	const witness = undo.use(
		await startWitness({
			...{ clock, seed: new Uint8Array(32).fill(9), directory: at("witness"), name: "witness.example" },
			...{ host: "127.0.0.1", port: 0, logs: [shareLog, policyVkey, indexVkey] },
		}),
	);
	const { policyKey } = await besideKeys(at("beside"));
	const trusted = (logKey: string): LogTrust => ({ log: logKey, witnesses: [witness.vkey], quorum: 1 });
	const pairKey = new Uint8Array(32).fill(7);
	const ground = { directory, clock, policyKey, shareLog: trusted(shareLog), pairKey };
	const family = undo.use(await Company.start({ ...ground, id: "family", token: "bridge to family" }));
	const photos = undo.use(await Company.start({ ...ground, id: "photos", token: "bridge to photos" }));
	const companies = [
		{ id: "family", at: family },
		{ id: "photos", at: photos },
	];
	const facts: FactsAt = {
		...{ kind: "http", url: shop.url, token: FACTS_TOKEN },
		fields: {
			...{ phone_number: "mobile", last_used_day: "lastSeen", usage_class: "howOften" },
			...{ label: "mark", score_class: "grade" },
		},
		purposes: ["friend_suggestions", "relevant_ads", "usage_metrics", "spam_and_abuse"],
		deliveries: true,
	};
	let beside: Beside | undefined;
	let door: Door | undefined;
	let ports = { beside: 0, door: 0 };
	const start = async () => {
		beside = await startBeside({
			...{ clock, directory: at("beside"), port: ports.beside, title: "Corner Shop", facts, log: note },
			policy: fileURLToPath(new URL("../../policies/beside-a-host.json", import.meta.url)),
			tokens: { audience: AUDIENCE, key: { alg: "HS256", secret: SECRET } },
			...{
				eventsSecret: EVENTS_SECRET,
				objectionsUrl: `${shop.url}/objections`,
				operatorToken: OPERATOR,
				numberKeys: companies.map(({ id }) => id),
				countFloor: 1,
			},
			door: { url: `http://127.0.0.1:${ports.door}`, token: "service to door" },
			sharing: {
				logs: [
					{ name: "shares", url: `http://127.0.0.1:${ports.door}`, vkey: shareLog },
					{ name: "policy", url: `http://127.0.0.1:${ports.door}/policy`, vkey: policyVkey },
					{ name: "index", url: `http://127.0.0.1:${ports.door}/index`, vkey: indexVkey },
					...companies.map(({ id, at }) => ({ name: id, url: `${at.url}/receipts`, vkey: at.vkey })),
				],
				...{ witnesses: [witness.vkey], quorum: 1 },
				recipients: companies.map(({ id, at }) => ({ id, url: at.url })),
			},
		});
		door = await startBesideDoor({
			...{ clock, directory: at("door"), besideDirectory: at("beside"), facts, log: note },
			...{ port: ports.door, logName: LOG_NAME, token: "service to door", policyKey },
			recipients: companies.map(({ id, at }) => ({
				...{ id, url: at.url, token: `bridge to ${id}`, abusePseudonymKey: pairKey },
				receipts: { log: at.vkey, witnesses: [], quorum: 0 },
			})),
			witnesses: [{ url: witness.url, vkey: witness.vkey }],
			quorum: 1,
		});
	};
	const stop = async () => {
		await door?.[Symbol.asyncDispose]();
		await beside?.[Symbol.asyncDispose]();
	};
	// The service is told where its door will be before there is one.
	const free = createServer();
	await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
	ports = { beside: 0, door: (free.address() as AddressInfo).port };
	await new Promise((resolve) => free.close(resolve));
	await start();
	ports = { ...ports, beside: Number(new URL(beside?.url ?? "").port) };
	undo.defer(stop);
	const running = undo.move();
	const running_ = () => {
		if (beside === undefined || door === undefined) throw new TypeError("nothing runs");
		return { beside, door };
	};
	const claims = (id: string, more: object = {}) => {
		const nowS = Math.floor(clock.now() / 1000);
		return { sub: id, aud: AUDIENCE, iat: nowS, exp: nowS + 120, jti: randomBytes(8).toString("hex"), ...more };
	};
	return {
		...{ clock, directory, shop, family, man, log, claims },
		get beside() {
			return running_().beside;
		},
		get door() {
			return running_().door;
		},
		visit: (id, store = newBrowser(), more = {}) =>
			EmbeddedPerson.open({
				...{ origin: running_().beside.url, fetch: man.fetchBetween(fetch), store },
				random: (length) => new Uint8Array(randomBytes(length)),
				facts: { deviceType: "computer", os: "Linux", appVersion: "0.1.0" },
				token: async () => hostToken(claims(id, more)),
			}),
		async tell(type, id, { secret = EVENTS_SECRET, lateMs = 0, more = {} } = {}) {
			const body = JSON.stringify({ type, id, ...more });
			const signature = signHostEvent(secret, clock.now() - lateMs, body);
			const url = `${running_().beside.url}/host/events`;
			const headers = { "content-type": "application/json", "troth-signature": signature };
			return (await fetch(url, { method: "POST", headers, body })).status;
		},
		async operate(body) {
			const headers = { "content-type": "application/json", authorization: `Bearer ${OPERATOR}` };
			const url = `${running_().beside.url}/operator/terms`;
			return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
		},
		async until(what, holds) {
			for (let seconds = 0; !(await holds()); seconds++) {
				if (seconds === 60) throw new Error(`waited in vain: ${what}\n${log.slice(-12).join("\n")}`);
				clock.advance(1_000);
				await running_().door.tick();
			}
		},
		async restart() {
			await stop();
			await start();
		},
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}
